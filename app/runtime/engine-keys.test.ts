import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openEngineKeys, type SecretStore } from './engine-keys.ts';

const HERE = 'http://127.0.0.1:1234';
let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lobstah-keys-'));
  file = join(folder, 'engine-key.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

function fakeSecrets(problem?: string): SecretStore & { kept: Map<string, string>; reads: number } {
  const kept = new Map<string, string>();
  return {
    kept,
    reads: 0,
    problem: () => problem,
    get(name) {
      this.reads += 1;
      return kept.get(name);
    },
    set: (name, secret) => void kept.set(name, secret),
    remove: (name) => void kept.delete(name),
  };
}

describe('without a keychain', () => {
  it('lies in a file of its owner, and goes to its own origin only', () => {
    const keys = openEngineKeys({ file, env: {} });
    expect(keys.keyFor(HERE)).toBeUndefined();
    keys.store(HERE, ' sk-one\n');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(openEngineKeys({ file, env: {} }).keyFor(HERE)).toBe('sk-one');
    expect(keys.keyFor('http://127.0.0.1:9')).toBeUndefined();
    expect(keys.keyFor('https://127.0.0.1:1234')).toBeUndefined();
    keys.remove();
    expect(keys.keyFor(HERE)).toBeUndefined();
    expect(existsSync(file)).toBe(false);
  });

  it('the environment goes before it, whatever the address', () => {
    openEngineKeys({ file, env: {} }).store(HERE, 'sk-file');
    const keys = openEngineKeys({ file, env: { LOBSTAH_ENGINE_KEY: ' sk-env ' } });
    expect([keys.keyFor(HERE), keys.keyFor('http://other')]).toEqual(['sk-env', 'sk-env']);
  });

  it.each(['', ' ', 'two words', 'a\r\nx-evil: 1', 'ключ', 'x'.repeat(1001)])('refuses %j', (key) => {
    const store = () => openEngineKeys({ file, env: {} }).store(HERE, key);
    expect(store).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
    expect(existsSync(file)).toBe(false);
  });

  it('a damaged file is no key', () => {
    writeFileSync(file, '{ half');
    expect(openEngineKeys({ file, env: {} }).keyFor(HERE)).toBeUndefined();
  });
});

describe('with a keychain', () => {
  it('lies there, is asked for once, and no file has it', () => {
    const secrets = fakeSecrets();
    openEngineKeys({ file, env: {}, secrets }).store(HERE, 'sk-one');
    const keys = openEngineKeys({ file, env: {}, secrets });
    expect([keys.keyFor(HERE), keys.keyFor(HERE), keys.keyFor('http://other')]).toEqual([
      'sk-one',
      'sk-one',
      undefined,
    ]);
    expect(secrets.reads).toBe(1);
    expect(existsSync(file)).toBe(false);
    keys.remove();
    expect(keys.keyFor(HERE)).toBeUndefined();
    expect(secrets.kept.size).toBe(0);
  });

  it('takes over what a command line left while the app was closed', () => {
    openEngineKeys({ file, env: {} }).store(HERE, 'sk-file');
    const secrets = fakeSecrets();
    expect(openEngineKeys({ file, env: {}, secrets }).keyFor(HERE)).toBe('sk-file');
    expect(existsSync(file)).toBe(false);
  });

  it('that is not available keeps nothing, in the open least of all, and says why', () => {
    const keys = openEngineKeys({ file, env: {}, secrets: fakeSecrets('No keychain today.') });
    expect(keys.problem()).toBe('No keychain today.');
    expect(() => keys.store(HERE, 'sk-one')).toThrow(
      expect.objectContaining({ code: 'keychain_unavailable', message: 'No keychain today.' }),
    );
    expect(existsSync(file)).toBe(false);
  });

  it('the file of somebody without one is still read', () => {
    openEngineKeys({ file, env: {} }).store(HERE, 'sk-file');
    expect(openEngineKeys({ file, env: {}, secrets: fakeSecrets('none') }).keyFor(HERE)).toBe('sk-file');
    expect(readFileSync(file, 'utf8')).toContain('sk-file');
  });
});
