import { readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPeersFile } from '../peers/peers-file.ts';
import { GridError } from '../protocol/errors.ts';
import { temporaryFolder } from '../store/testing/temporary-folder.ts';
import { openIdentityFile, readIdentityFile } from './identity-file.ts';
import { openSettingsFile } from './settings.ts';

/** Junk that looks like the real thing: names of its members with values of any kind, and files that are cut or no JSON at all. */
const members = fc.constantFrom(
  'sharing',
  'on',
  'pausedUntil',
  'unsharedModels',
  'worker',
  'port',
  'concurrency',
  'tier',
  'router',
  'onboardingDone',
  'version',
  'publicKey',
  'secretKey',
  'pubkey',
  'url',
  '__proto__',
);
const values = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<fc.JsonValue>(-1, 0, 1e308, 70_000, 'open', 'lob1', true, null),
);
const objects = fc.dictionary(members, fc.oneof(values, fc.dictionary(members, values)));
const files = fc.oneof(
  fc.string(),
  fc.json(),
  objects.map((value) => JSON.stringify(value)),
  fc.array(objects).map((value) => JSON.stringify(value)),
  fc.tuple(objects, fc.nat(40)).map(([value, cut]) => JSON.stringify(value).slice(0, -cut)),
);

/** @returns what the reader made of it, or the code of the error it refused it with */
function outcome(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    expect(error).toBeInstanceOf(GridError);
    return (error as GridError).code;
  }
}

describe('whatever stands in a file of the home', () => {
  it.each([
    ['settings', 'settings_unreadable', (file: string) => openSettingsFile(file).current()],
    ['identity', 'identity_unreadable', (file: string) => readIdentityFile(file)],
    ['peers', 'peers_unreadable', (file: string) => readPeersFile(file)],
  ])('%s: it is understood or refused by name, and stays as it is', (_, refusal, read) => {
    using folder = temporaryFolder();
    const file = folder.path('file');
    fc.assert(
      fc.property(files, (text) => {
        writeFileSync(file, text);
        const result = outcome(() => read(file));
        if (typeof result === 'string') expect(result).toBe(refusal);
        else expect(result).toBeTypeOf('object');
        expect(readFileSync(file, 'utf8')).toBe(text);
      }),
      { numRuns: 300 },
    );
  });

  it('settings that can be read keep what they do not know when one of them is changed', () => {
    using folder = temporaryFolder();
    const file = folder.path('file');
    const unknown = fc.dictionary(
      fc.string().map((name) => `later ${name}`),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(unknown, unknown, fc.boolean(), (top, inner, on) => {
        writeFileSync(file, JSON.stringify({ ...top, sharing: { ...inner, on: !on } }));
        const settings = openSettingsFile(file);
        settings.change((before) => ({ ...before, sharing: { ...before.sharing, on } }));
        const json = JSON.parse(JSON.stringify({ top, inner })) as { top: object; inner: object };
        expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ ...json.top, sharing: { ...json.inner, on } });
        expect(openSettingsFile(file).current().sharing.on).toBe(on);
      }),
      { numRuns: 50 },
    );
  });

  it('an identity with one character changed is refused, or has the same keys', () => {
    using folder = temporaryFolder();
    const file = folder.path('file');
    const { identity } = openIdentityFile(file);
    const text = readFileSync(file, 'utf8');
    fc.assert(
      fc.property(
        fc.nat(text.length - 1),
        fc.constantFrom('0', 'a', 'g', '"', ' ', '{', '1', '3'),
        (place, character) => {
          writeFileSync(file, text.slice(0, place) + character + text.slice(place + 1));
          const result = outcome(() => readIdentityFile(file));
          const { publicKey, secretKey } = identity;
          if (typeof result === 'string') expect(result).toBe('identity_unreadable');
          else expect(result).toMatchObject({ publicKey, secretKey });
        },
      ),
      { numRuns: 200 },
    );
  });
});
