import { describe, expect, it } from 'vitest';
import type { OpenclawState } from './openclaw-state.ts';
import { planInstall, planRemove, type InstallWish } from './plan.ts';

const fresh: OpenclawState = {
  version: '2026.9.6',
  configFile: '/home/a/.openclaw/openclaw.json',
  plugin: null,
  provider: null,
  defaultModel: 'openai/gpt',
  profiles: [],
};
const baseUrl = 'http://127.0.0.1:17475/v1';
const wish: InstallWish = { pluginFolder: '/p', baseUrl, homeFolder: undefined, makeDefault: false, models: [] };
const connected: OpenclawState = {
  ...fresh,
  plugin: { version: '0.1.0', folder: '/home/a/.openclaw/extensions/lobstah', enabled: true },
  provider: { baseUrl },
  profiles: ['lobstah:default'],
};
const words = (steps: readonly { args: readonly string[] }[]) => steps.map(({ args }) => args.slice(0, 3).join(' '));

describe('planInstall', () => {
  it('installs plugin, provider and key, and leaves the default model alone', () => {
    expect(words(planInstall(fresh, wish))).toEqual([
      'plugins install /p',
      'config set models.providers.lobstah',
      'models auth paste-api-key',
    ]);
  });

  it('makes the grid the default only when asked, and only once', () => {
    const steps = planInstall(fresh, { ...wish, makeDefault: true });
    expect(words(steps).at(-1)).toBe('models set lobstah/auto');
    expect(words(planInstall({ ...connected, defaultModel: 'lobstah/auto' }, { ...wish, makeDefault: true }))).toEqual([
      'plugins install /p',
    ]);
  });

  it("keeps the rows and the key of an owner's own provider, and only points it here", () => {
    const steps = planInstall({ ...fresh, provider: { baseUrl: 'http://mini:17475/v1' } }, wish);
    expect(words(steps)).toEqual(['plugins install /p', 'config set models.providers.lobstah.baseUrl']);
  });

  it('keeps the config small enough that openclaw lets it be taken out again', () => {
    const models = Array.from({ length: 200 }, (_, index) => ({
      id: `model-${index}:8b`,
      contextLength: 40_960,
      capabilities: ['tools'],
    }));
    const set = planInstall(fresh, { ...wish, models })[1]?.args[3] ?? '';
    expect(set.length).toBeLessThan(400);
    expect(JSON.parse(set)).toMatchObject({ models: [{ id: 'lobstah/auto', contextWindow: 40_960 }] });
  });

  it('tells the plugin of a home folder that is not the default one, and enables a disabled plugin', () => {
    const disabled = { ...connected, plugin: { version: '0.1.0', folder: '/x', enabled: false } };
    expect(words(planInstall(disabled, { ...wish, homeFolder: '/h' }))).toEqual([
      'plugins install /p',
      'plugins enable lobstah',
      'config set plugins.entries.lobstah.config.home',
    ]);
  });
});

describe('planRemove', () => {
  const before = { plugin: null, provider: null, defaultModel: 'openai/gpt', profiles: [] };

  it('takes everything away, models first', () => {
    expect(words(planRemove(connected, before, undefined))).toEqual([
      'models auth logout',
      'config set models.providers.lobstah.models',
      'config unset models.providers.lobstah',
      'plugins uninstall lobstah',
      'config unset plugins.entries.lobstah',
    ]);
  });

  it('puts the default model back, but not one that was chosen since', () => {
    expect(words(planRemove({ ...connected, defaultModel: 'lobstah/auto' }, before, undefined))[0]).toBe(
      'models set openai/gpt',
    );
    expect(words(planRemove({ ...connected, defaultModel: 'openai/gpt' }, before, undefined))).not.toContain(
      'models set openai/gpt',
    );
    const none = { ...before, defaultModel: null };
    expect(words(planRemove({ ...connected, defaultModel: 'lobstah/qwen3:8b' }, none, undefined))[0]).toBe(
      'config unset agents.defaults.model',
    );
  });

  it('puts an older plugin and the address of an own provider back', () => {
    const own = {
      ...before,
      plugin: { version: '0.0.9', folder: '/x', enabled: true },
      provider: { baseUrl: 'http://mini:17475/v1' },
      profiles: ['lobstah:default'],
    };
    expect(words(planRemove(connected, own, '/kept/plugin'))).toEqual([
      'config set models.providers.lobstah.baseUrl',
      'plugins install /kept/plugin',
    ]);
  });

  it('does nothing where there is nothing', () => {
    expect(planRemove(fresh, undefined, undefined)).toEqual([]);
  });
});
