import { readFileSync, rmSync } from 'node:fs';
import { z } from 'zod';
import { writePrivateFile } from '../app/runtime/write-file.ts';

/** The part of Electron's safeStorage that is used: the keychain of the system holds the key, the file only ciphertext. */
export interface Keychain {
  isEncryptionAvailable(): boolean;
  /** on Linux: 'basic_text' is no encryption worth the name */
  getSelectedStorageBackend?(): string;
  encryptString(text: string): Buffer;
  decryptString(encrypted: Buffer): string;
}

/** Secrets of other services, such as API keys. Only the main process has this; no command gives a secret to a page. */
export interface SecretStore {
  /** Why nothing can be kept here, as a sentence; undefined when it can. */
  problem(): string | undefined;
  /** undefined when there is none, or when this keychain cannot read it any more */
  get(name: string): string | undefined;
  /** @throws when problem() says why: a secret is never written in the open */
  set(name: string, secret: string): void;
  remove(name: string): void;
}

const fileSchema = z.record(z.string(), z.base64());

export function openSecretStore(file: string, keychain: Keychain): SecretStore {
  const read = (): Record<string, string> => {
    try {
      return fileSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    } catch {
      // Missing or damaged: either way there is no secret to be had from it, and it can be given again.
      return {};
    }
  };
  const write = (secrets: Record<string, string>): void => {
    if (Object.keys(secrets).length === 0) rmSync(file, { force: true });
    else writePrivateFile(file, `${JSON.stringify(secrets)}\n`);
  };
  const problem = (): string | undefined =>
    keychain.isEncryptionAvailable() && keychain.getSelectedStorageBackend?.() !== 'basic_text'
      ? undefined
      : 'The keychain of this system is not available, so secrets cannot be kept.';

  return {
    problem,
    get(name) {
      const encrypted = read()[name];
      if (encrypted === undefined || problem() !== undefined) return undefined;
      try {
        return keychain.decryptString(Buffer.from(encrypted, 'base64'));
      } catch {
        // Another user's keychain, or one that was made anew.
        return undefined;
      }
    },
    set(name, secret) {
      const reason = problem();
      if (reason !== undefined) throw new Error(reason);
      write({ ...read(), [name]: keychain.encryptString(secret).toString('base64') });
    },
    remove(name) {
      const { [name]: _, ...rest } = read();
      write(rest);
    },
  };
}
