import { readFileSync, rmSync } from 'node:fs';
import { z } from 'zod';
import { GridError } from '../protocol/errors.ts';
import { writePrivateFile } from './write-file.ts';

/** Where the app keeps secrets: encrypted by the keychain of the system. */
export interface SecretStore {
  /** Why nothing can be kept there, as a sentence. */
  problem(): string | undefined;
  get(name: string): string | undefined;
  set(name: string, secret: string): void;
  remove(name: string): void;
}

/**
 * The key of the OpenAI-compatible engine. It belongs to the origin it was given for: another address never gets it. Nothing
 * that shows anything has this; there is no command that reads a key.
 */
export interface EngineKeys {
  /** LOBSTAH_ENGINE_KEY where it is set, else the stored key if it is for this origin */
  keyFor(origin: string): string | undefined;
  /** Why no key can be stored, as a sentence. */
  problem(): string | undefined;
  /** @throws GridError keychain_unavailable, home_unwritable, invalid_argument for what no header can carry */
  store(origin: string, key: string): void;
  remove(): void;
}

const SECRET_NAME = 'engine-key';
const storedSchema = z.object({ origin: z.string(), key: z.string() });
/** Visible ASCII: anything else cannot be sent in a header, and a line break would forge one. */
const KEY_PATTERN = /^[!-~]{1,1000}$/;

/**
 * With a keychain the key lives there, and a file that a command line left while no app ran is taken over. Without one it lives
 * in `file`, readable by the owner only.
 */
export function openEngineKeys(deps: {
  readonly file: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly secrets?: SecretStore | undefined;
}): EngineKeys {
  const { file, secrets } = deps;
  const envKey = deps.env['LOBSTAH_ENGINE_KEY']?.trim() || undefined;
  if (envKey !== undefined) parseKey(envKey, 'LOBSTAH_ENGINE_KEY');

  const inFile = (): string | undefined => {
    try {
      return readFileSync(file, 'utf8');
    } catch {
      // No file, no key.
      return undefined;
    }
  };
  const left = inFile();
  if (left !== undefined && secrets && secrets.problem() === undefined) {
    secrets.set(SECRET_NAME, left);
    rmSync(file, { force: true });
  }
  /** The keychain is asked once: it may ask its owner, and each request needs the key. */
  let fromKeychain: { text: string | undefined } | undefined;
  const inKeychain = (): string | undefined => {
    if (!secrets || secrets.problem() !== undefined) return undefined;
    fromKeychain ??= { text: secrets.get(SECRET_NAME) };
    return fromKeychain.text;
  };
  const read = () => parseStored(inKeychain() ?? inFile());

  return {
    keyFor(origin) {
      if (envKey !== undefined) return envKey;
      const stored = read();
      return stored?.origin === origin ? stored.key : undefined;
    },
    problem: () => secrets?.problem(),
    store(origin, key) {
      const text = JSON.stringify({ origin, key: parseKey(key, 'The key') });
      if (!secrets) {
        writePrivateFile(file, `${text}\n`);
        return;
      }
      const problem = secrets.problem();
      if (problem !== undefined) throw new GridError('keychain_unavailable', problem);
      secrets.set(SECRET_NAME, text);
      fromKeychain = { text };
      rmSync(file, { force: true });
    },
    remove() {
      fromKeychain = undefined;
      secrets?.remove(SECRET_NAME);
      rmSync(file, { force: true });
    },
  };
}

function parseKey(text: string, source: string): string {
  const key = text.trim();
  if (KEY_PATTERN.test(key)) return key;
  throw new GridError('invalid_argument', `${source} is not one: up to 1000 visible characters without spaces.`);
}

function parseStored(text: string | undefined): { origin: string; key: string } | undefined {
  if (text === undefined) return undefined;
  try {
    return storedSchema.parse(JSON.parse(text));
  } catch {
    // Damaged: it can be given again.
    return undefined;
  }
}
