import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFakeOllama, type FakeOllama } from '../../app/engine/testing/fake-ollama.ts';
import type {
  AuthResult,
  ChatCommand,
  NonInteractiveContext,
  OpenclawConfig,
  PluginApi,
  Prompter,
  Provider,
} from '../../app/openclaw/plugin/openclaw-api.ts';
import { createHome, runLobstah, startLobstah, type LobstahProcess } from './lobstah-process.ts';

/**
 * The built plugin, in a folder of its own as openclaw installs it, against a Lobstah that runs. Of openclaw there is only
 * what the plugin imports; e2e/full/openclaw.test.ts has the real one.
 */
let ollama: FakeOllama;
let lobstah: LobstahProcess;
let provider: Provider;
let command: ChatCommand;
let baseUrl: string;

const FAKE_SDK = {
  'plugin-entry.js': 'export const definePluginEntry = (entry) => entry;',
  // openclaw's own helper writes one row and the default model; the key goes into its store.
  'provider-setup.js': `export async function configureOpenAICompatibleSelfHostedProviderNonInteractive({ ctx, providerId, defaultApiKeyEnvVar }) {
    const { customBaseUrl: baseUrl, customModelId: id, customApiKey } = ctx.opts;
    if (!id || !customApiKey) throw new Error('the stock helper exits without a model id');
    const provider = { baseUrl, api: 'openai-completions', apiKey: defaultApiKeyEnvVar, models: [{ id, name: id }] };
    return { ...ctx.config, models: { mode: 'merge', providers: { ...ctx.config.models?.providers, [providerId]: provider } } };
  }`,
};

async function loadPlugin(pluginConfig: object): Promise<{ provider: Provider; command: ChatCommand }> {
  const folder = join(createHome(), 'extensions/lobstah');
  await build({
    configFile: join(import.meta.dirname, '../../app/openclaw/vite.config.ts'),
    build: { outDir: folder },
    logLevel: 'error',
  });
  const sdk = join(folder, 'node_modules/openclaw');
  mkdirSync(join(sdk, 'plugin-sdk'), { recursive: true });
  writeFileSync(
    join(sdk, 'package.json'),
    JSON.stringify({ name: 'openclaw', type: 'module', exports: { './plugin-sdk/*': './plugin-sdk/*.js' } }),
  );
  for (const [file, text] of Object.entries(FAKE_SDK)) writeFileSync(join(sdk, 'plugin-sdk', file), text);
  const { default: entry } = (await import(/* @vite-ignore */ pathToFileURL(join(folder, 'index.js')).href)) as {
    default: { id: string; register(api: PluginApi): void };
  };
  expect(entry.id).toBe('lobstah');
  const registered: { provider?: Provider; command?: ChatCommand } = {};
  entry.register({
    pluginConfig: pluginConfig as Record<string, unknown>,
    registerProvider: (given) => (registered.provider = given),
    registerCommand: (given) => (registered.command = given),
  });
  return registered as { provider: Provider; command: ChatCommand };
}

beforeAll(async () => {
  ollama = await startFakeOllama({
    models: [
      { name: 'qwen3:8b', capabilities: ['completion', 'tools', 'thinking'], contextLength: 40_960 },
      { name: 'llava:7b', capabilities: ['completion', 'vision'], contextLength: 131_072 },
    ],
  });
  lobstah = await startLobstah(['up'], {
    home: createHome(),
    env: { OLLAMA_HOST: ollama.url, LOBSTAH_ENGINE: 'ollama' },
  });
  baseUrl = `${lobstah.routerUrl}/v1`;
  ({ provider, command } = await loadPlugin({ home: lobstah.home }));
}, 120_000);
afterAll(async () => {
  await lobstah.stop();
  await ollama.close();
});

const configured = (): OpenclawConfig => ({
  models: { providers: { lobstah: { baseUrl, api: 'openai-completions', models: [] } } },
});

/** Answers as a person would: the default of every question, unless `says` knows better. */
function prompter(
  says: Record<string, string | boolean> = {},
): Prompter & { notes: string[]; asked: Record<string, unknown> } {
  const notes: string[] = [];
  const asked: Record<string, unknown> = {};
  const answer = (message: string, byDefault: unknown) => {
    asked[message] = byDefault;
    const known = Object.keys(says).find((part) => message.includes(part));
    return known === undefined ? byDefault : says[known];
  };
  return {
    notes,
    asked,
    note: (message) => Promise.resolve(void notes.push(message)),
    confirm: ({ message, initialValue }) => Promise.resolve(answer(message, initialValue) as boolean),
    select: ({ message, initialValue, options }) => {
      const value = answer(message, initialValue);
      expect(options.map((option) => option.value)).toContain(value);
      return Promise.resolve(value as never);
    },
    text({ message, initialValue = '', validate }) {
      const value = answer(message, initialValue) as string;
      expect(validate?.(value)).toBeUndefined();
      return Promise.resolve(value);
    },
  };
}

const wizard = async (person: Prompter, config: OpenclawConfig = configured()): Promise<AuthResult> => {
  const [method] = provider.auth;
  if (!method) throw new Error('no way to set it up');
  return method.run({ config, prompter: person });
};

describe('the openclaw plugin', () => {
  it('sets itself up with the default of every question: the grid, any key, both opt-ins no', async () => {
    const person = prompter();
    const result = await wizard(person);
    expect(result).toMatchObject({
      defaultModel: 'lobstah/auto',
      profiles: [
        { profileId: 'lobstah:default', credential: { type: 'api_key', provider: 'lobstah', key: 'lobstah' } },
      ],
      configPatch: { models: { providers: { lobstah: { baseUrl, apiKey: 'LOBSTAH_API_KEY' } } } },
    });
    const optIns = Object.entries(person.asked).filter(([message]) => /tracker/.test(message));
    expect(optIns.map(([, byDefault]) => byDefault)).toEqual([false, false]);
    expect(person.notes).toEqual([]);
  });

  it('acts upon a yes: asks where, tells Lobstah, and shows what it said with what to type', async () => {
    const person = prompter({
      'Announce this machine': true,
      'Address of the tracker': 'ftp-is-no-tracker',
      'others reach your worker': 'http://mac.example:17474',
    });
    // The prompt itself refuses what is no address.
    await expect(wizard(person)).rejects.toThrow();
    const valid = prompter({
      'Announce this machine': true,
      'Look for peers': true,
      'Address of the tracker': 'http://tracker.invalid:17476/',
      'others reach your worker': 'http://mac.example:17474',
      'A label': 'my mac',
    });
    await wizard(valid);
    expect(valid.notes).toHaveLength(2);
  });

  it('says what to do where no Lobstah runs, and goes on', async () => {
    const person = prompter({
      'base URL': 'http://127.0.0.1:9',
      'Look for peers': true,
      'Address of the tracker': 'https://t.example',
    });
    const other = (await loadPlugin({ home: createHome() })).provider;
    const result = await other.auth[0]?.run({ config: {}, prompter: person });
    expect(result).toMatchObject({ defaultModel: 'lobstah/auto' });
    expect(result?.configPatch.models?.providers?.['lobstah']?.baseUrl).toBe('http://127.0.0.1:9/v1');
    expect(person.notes[0]).toContain("No Lobstah answers at http://127.0.0.1:9.\nStart it with 'lobstah up'");
    expect(person.notes[1]).toContain('lobstah peers sync https://t.example');
  });

  it('sets itself up without a person', async () => {
    const context: NonInteractiveContext = {
      config: { models: { providers: { other: { baseUrl: 'http://other', models: [] } } } },
      opts: { customBaseUrl: lobstah.routerUrl, customModelId: 'lobstah/qwen3:8b' },
      runtime: { log: () => undefined, error: () => undefined },
    };
    const config = await provider.auth[0]?.runNonInteractive(context);
    expect(config?.models?.providers?.['other']).toBeDefined();
    const own = config?.models?.providers?.['lobstah'];
    expect(own?.baseUrl).toBe(baseUrl);
    expect(own?.models).toEqual([
      expect.objectContaining({ id: 'lobstah/auto', contextWindow: 40_960 }),
      { id: 'qwen3:8b', name: 'qwen3:8b', reasoning: true, input: ['text'], contextWindow: 40_960, maxTokens: 8192 },
    ]);
  });

  it('lists what the router has, also what comes later, and nothing where nobody set it up', async () => {
    const catalog = (config: OpenclawConfig, apiKey?: string) =>
      provider.catalog.run({ config, resolveProviderApiKey: () => ({ apiKey, discoveryApiKey: apiKey }) });
    expect(await catalog({})).toBeNull();
    const before = await catalog(configured(), 'any');
    expect(before?.provider.models.map(({ id }) => id)).toEqual([
      'lobstah/auto',
      'qwen3:8b',
      'llava:7b',
      'lobstah/local',
    ]);
    // An agent brings tools: 'auto' promises what the models that can use them have, not llava's longer context.
    expect(before?.provider.models[0]).toMatchObject({ contextWindow: 40_960, input: ['text'], reasoning: true });
    expect(before?.provider.models[2]).toMatchObject({ contextWindow: 131_072, input: ['text', 'image'] });

    ollama.script.models = [...ollama.script.models, { name: 'new:1b' }];
    await expect
      .poll(async () => (await catalog(configured(), 'any'))?.provider.models.map(({ id }) => id), { timeout: 50_000 })
      .toContain('new:1b');
  });

  it('resolves models that are in no list, and adds what openclaw would guess wrong', async () => {
    const prepared = await provider.prepareDynamicModel({ modelId: 'lobstah/qwen3:8b', config: configured() });
    expect(prepared).toMatchObject({ id: 'qwen3:8b', provider: 'lobstah', baseUrl, contextWindow: 40_960 });
    expect(await provider.prepareDynamicModel({ modelId: 'gone:1b', config: configured() })).toBeUndefined();
    const dynamic = provider.resolveDynamicModel({ modelId: 'auto', config: configured() });
    expect(dynamic).toMatchObject({ id: 'lobstah/auto', api: 'openai-completions', baseUrl });

    const { compat: _, ...bare } = dynamic;
    const normalized = provider.normalizeResolvedModel({ model: bare });
    expect(normalized.id).toBe('lobstah/auto');
    expect(normalized.compat).toMatchObject({
      supportsDeveloperRole: false,
      maxTokensField: 'max_tokens',
      supportsUsageInStreaming: true,
    });
    const owners = provider.normalizeResolvedModel({
      model: { ...dynamic, compat: { maxTokensField: 'max_completion_tokens' } },
    });
    expect(owners.compat).toMatchObject({ maxTokensField: 'max_completion_tokens', supportsStore: false });
  });

  it('helps with words where a model is unknown, a key is missing, a conversation too long', () => {
    expect(provider.buildUnknownModelHint({ modelId: 'gone:1b', baseUrl })).toContain("no model 'gone:1b'");
    expect(provider.buildMissingAuthMessage()).toContain('lobstah openclaw install');
    const overflow = 'The prompt is longer than the context of this model.';
    expect(provider.matchesContextOverflowError({ errorMessage: overflow })).toBe(true);
    expect(provider.matchesContextOverflowError({ errorMessage: 'queue full' })).toBe(false);
  });

  it('/lobstah: status, balance, the switch, and what else there is', async () => {
    const say = async (args?: string) => (await command.handler({ args, config: configured() })).text;
    expect(command.requireAuth).toBe(true);
    expect(await say()).toContain(`The grid answers at ${baseUrl}.`);
    expect(await say('status')).toContain('Sharing is off.');
    expect(await say('share on')).toMatch(/^Sharing is on\./);
    const { stdout } = await runLobstah(['sharing', 'status', '--json'], { home: lobstah.home });
    expect(JSON.parse(stdout)).toMatchObject({ on: true });
    expect(await say(' SHARE  off ')).toMatch(/^Sharing is off\./);
    expect(await say('balance')).toMatch(/^Earned 0, spent 0 credits/);
    expect(await say('dance')).toContain('/lobstah share on');
  });

  it('/lobstah says what to do where no Lobstah runs', async () => {
    const other = await loadPlugin({ home: createHome() });
    const { text } = await other.command.handler({ args: 'share on', config: {} });
    expect(text).toContain('does not run');
    expect(text).toContain('lobstah up');
  });
});
