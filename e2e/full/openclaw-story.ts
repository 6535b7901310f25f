import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startFakeOllama } from '../../app/engine/testing/fake-ollama.ts';
import { createHome, runLobstah, startLobstah } from '../grid/lobstah-process.ts';
import { createBench } from './openclaw-bench.ts';

/**
 * Run by openclaw.test.ts inside a namespace without a network. Prints one JSON line per step, so that the test outside can
 * judge; ends with 1 when a step could not be done at all.
 */
const [bin = '', pluginFolder = ''] = process.argv.slice(2);
const { agent, configFile, env, lobstahHome, openclaw, tell } = createBench(bin);
const config = () => JSON.parse(readFileSync(configFile, 'utf8')) as Record<string, unknown>;

const ollama = await startFakeOllama({
  models: [{ name: 'qwen3:8b', capabilities: ['completion', 'tools'], contextLength: 40_960 }],
  tokens: ['Hello', ' from', ' the', ' grid', '.'],
});
const lobstah = await startLobstah(['up'], {
  home: lobstahHome,
  env: { OLLAMA_HOST: ollama.url, LOBSTAH_ENGINE: 'ollama' },
});
const baseUrl = `${lobstah.routerUrl}/v1`;
const cli = (...args: string[]) => runLobstah(['openclaw', ...args], { home: lobstahHome, env: { ...env } });
try {
  // An owner's own settings, from before Lobstah.
  await openclaw('config', 'set', 'gateway.mode', 'local');
  const before = readFileSync(configFile, 'utf8');

  const dry = await cli('install', '--dry-run', '--json');
  tell('dry run', { code: dry.code, untouched: readFileSync(configFile, 'utf8') === before });

  const installed = await cli('install', '--json');
  tell('install', {
    code: installed.code,
    stderr: installed.stderr,
    ...(installed.code === 0 ? (JSON.parse(installed.stdout) as object) : {}),
  });

  const inspected = await openclaw('plugins', 'inspect', 'lobstah', '--runtime');
  tell('inspect', { code: inspected.code, stdout: inspected.stdout });
  const doctor = await openclaw('plugins', 'doctor');
  tell('doctor', { code: doctor.code, stdout: doctor.stdout });

  tell('agent', { answer: await agent('--model', 'lobstah/auto') });
  const asked = ollama.chats.at(-1);
  tell('what came', { tools: asked?.tools?.length, roles: asked?.messages?.map(({ role }) => role) });

  // The model asks for a tool, openclaw runs it, and the model gets its result.
  ollama.script.toolCalls = [{ name: 'read', arguments: { path: 'note.txt' } }];
  ollama.script.tokens = [];
  const folder = createHome();
  writeFileSync(join(folder, 'note.txt'), 'the tide is high');
  const chatsBefore = ollama.chats.length;
  const turned = openclaw('agent', 'exec', 'Read note.txt', '--json', '--cwd', folder, '--model', 'lobstah/auto');
  // It goes on asking until its second request is there: by then the first answer is out.
  for (let tries = 0; ollama.chats.length < chatsBefore + 2 && tries < 10_000; tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 20));
  Object.assign(ollama.script, { toolCalls: [], tokens: ['It', ' is', ' high', '.'] });
  const turn = await turned;
  tell('tool', {
    stdout: turn.stdout,
    offered: ollama.chats.at(-1)?.tools,
    results: ollama.chats.at(-1)?.messages?.flatMap(({ role, content }) => (role === 'tool' ? content : [])),
  });

  const removed = await cli('remove', '--json');
  tell('remove', {
    code: removed.code,
    stderr: removed.stderr,
    same: readFileSync(configFile, 'utf8') === before,
    left: (await openclaw('plugins', 'inspect', 'lobstah', '--json')).code === 0,
  });

  // Onboarding without a person, as openclaw's own documentation has it; the plugin comes straight from the built folder.
  await openclaw('plugins', 'install', pluginFolder, '--force', '--accept-capabilities');
  const onboarded = await openclaw(
    'onboard',
    '--non-interactive',
    '--accept-risk',
    '--auth-choice=lobstah',
    '--custom-api-key=any',
    `--custom-base-url=${baseUrl}`,
    '--custom-model-id=qwen3:8b',
    ...['bootstrap', 'channels', 'daemon', 'health', 'hooks', 'search', 'skills', 'ui'].map((part) => `--skip-${part}`),
  );
  tell('onboard', { code: onboarded.code, models: (config() as { models?: object }).models });
  tell('agent after onboarding', { answer: await agent() });

  ollama.script.models = [...ollama.script.models, { name: 'new:1b' }];
  await new Promise((resolve) => setTimeout(resolve, 31_000)); // what peers offer is asked again every 30 s
  const listed = await openclaw('models', 'list', '--refresh', '--json');
  tell('new model', { stdout: listed.stdout });
} finally {
  await lobstah.stop();
  await ollama.close();
}
