import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSecretStore, type Keychain } from './secrets.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lobstah-secrets-'));
  file = join(folder, 'secrets.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Turns each byte over: no encryption, but not the text either. */
const turn = (bytes: Buffer) => Buffer.from(bytes.map((byte) => byte ^ 0xff));
const keychain: Keychain = {
  isEncryptionAvailable: () => true,
  encryptString: (text) => turn(Buffer.from(text)),
  decryptString: (encrypted) => turn(encrypted).toString(),
};

describe('secrets', () => {
  it('are there again after the next start, and not as text on the disk', () => {
    openSecretStore(file, keychain).set('openai', 'sk-secret');
    expect(openSecretStore(file, keychain).get('openai')).toBe('sk-secret');
    expect(readFileSync(file, 'utf8')).not.toContain('sk-secret');
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('are gone when removed, the file with the last of them', () => {
    const store = openSecretStore(file, keychain);
    store.set('openai', 'sk-secret');
    store.remove('openai');
    expect(store.get('openai')).toBeUndefined();
    expect(() => statSync(file)).toThrow(/ENOENT/);
  });

  it.each([
    ['no keychain', { ...keychain, isEncryptionAvailable: () => false }],
    ['a keychain that does not encrypt', { ...keychain, getSelectedStorageBackend: () => 'basic_text' }],
  ])('are never written with %s, and it says why', (_what, broken) => {
    const store = openSecretStore(file, broken);
    expect(store.problem()).toMatch(/keychain/);
    expect(() => store.set('openai', 'sk-secret')).toThrow(/cannot be kept/);
    expect(() => statSync(file)).toThrow(/ENOENT/);
  });

  it('that cannot be read any more are as if they were not there', () => {
    openSecretStore(file, keychain).set('openai', 'sk-secret');
    const other: Keychain = {
      ...keychain,
      decryptString: () => {
        throw new Error('wrong key');
      },
    };
    expect(openSecretStore(file, other).get('openai')).toBeUndefined();
    writeFileSync(file, '{ half a fi');
    expect(openSecretStore(file, keychain).get('openai')).toBeUndefined();
  });
});
