import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openBeforeFile, saysTheSame } from './before-file.ts';
import type { OpenclawState } from './openclaw-state.ts';

let folder: string;
let configFile: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lobstah-before-'));
  configFile = join(folder, 'openclaw.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const state = (part: Partial<OpenclawState> = {}): OpenclawState => ({
  version: '2026.9.6',
  configFile,
  plugin: null,
  provider: null,
  defaultModel: null,
  profiles: [],
  ...part,
});
const ORIGINAL = '{ "b": 1,\n  "a": {"x": [1]} }\n';

describe('openBeforeFile', () => {
  it('puts the settings back byte for byte when they say the same', () => {
    const kept = openBeforeFile(join(folder, 'kept'));
    writeFileSync(configFile, ORIGINAL);
    kept.keep(state());
    expect(statSync(join(folder, 'kept/before.json')).mode & 0o077).toBe(0);
    // What openclaw leaves behind after setting and unsetting.
    writeFileSync(configFile, '{"a":{"x":[1]},"b":1,"models":{"providers":{}},"meta":{"lastTouchedVersion":"1"}}');
    expect(kept.restoreSettings(configFile)).toBe(true);
    expect(readFileSync(configFile, 'utf8')).toBe(ORIGINAL);
    kept.forget();
    expect(existsSync(join(folder, 'kept'))).toBe(false);
  });

  it('keeps what was changed since', () => {
    const kept = openBeforeFile(join(folder, 'kept'));
    writeFileSync(configFile, ORIGINAL);
    kept.keep(state());
    writeFileSync(configFile, '{"a":{"x":[1]},"b":2}');
    expect(kept.restoreSettings(configFile)).toBe(false);
    expect(readFileSync(configFile, 'utf8')).toBe('{"a":{"x":[1]},"b":2}');
  });

  it('remembers the first time only, with the plugin that was there', () => {
    const kept = openBeforeFile(join(folder, 'kept'));
    expect(kept.read()).toBeUndefined();
    const plugin = join(folder, 'extensions/lobstah');
    mkdirSync(plugin, { recursive: true });
    writeFileSync(join(plugin, 'index.js'), 'old');
    kept.keep(state({ plugin: { version: '0.0.9', folder: plugin, enabled: true }, defaultModel: 'a/b' }));
    kept.keep(state({ defaultModel: 'lobstah/auto' }));
    expect(kept.read()).toMatchObject({ defaultModel: 'a/b', plugin: { version: '0.0.9' } });
    expect(readFileSync(join(kept.keptPlugin() ?? '', 'index.js'), 'utf8')).toBe('old');
  });

  it('does not take different settings for the same, nor settings it cannot read', () => {
    expect(saysTheSame('{"a":[1,2]}', '{"a":[2,1]}')).toBe(false);
    expect(saysTheSame('{"a":{"meta":1}}', '{"a":{"meta":2}}')).toBe(false);
    expect(saysTheSame('{a:1} // by hand', '{"a":1}')).toBe(false);
  });
});
