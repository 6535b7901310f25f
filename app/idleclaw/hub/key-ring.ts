import { createHash, timingSafeEqual } from 'node:crypto';
import { GridError } from '../../protocol/errors.ts';

/** Shorter ones can be guessed. */
const MIN_CHARACTERS = 16;

export interface KeyRing {
  /** @returns a name for the key that gives nothing of it away, for counting */
  nameOf(authorization: string | undefined): string | undefined;
}

/**
 * One key a line; blank lines and lines with # are left out.
 * @throws GridError invalid_argument for a file without keys, or with one that is too short
 */
export function parseKeyRing(text: string, file: string): KeyRing {
  const keys = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (keys.length === 0) throw new GridError('invalid_argument', `There is no key in '${file}'.`);
  if (keys.some((key) => key.length < MIN_CHARACTERS || /\s/.test(key)))
    throw new GridError(
      'invalid_argument',
      `A key in '${file}' is shorter than ${MIN_CHARACTERS} characters or has a space in it.`,
    );
  const hashes = keys.map(hashOf);
  return {
    nameOf(authorization) {
      const given = keyIn(authorization);
      if (given === undefined) return undefined;
      const hash = hashOf(given);
      // All are compared, so that the time says nothing about which one was near.
      const found = hashes.filter((known) => timingSafeEqual(known, hash));
      return found[0]?.subarray(0, 4).toString('hex');
    },
  };
}

const hashOf = (key: string) => createHash('sha256').update(key).digest();

/** Bearer for programs; Basic (any user name) because a browser asks for it by itself. */
function keyIn(authorization = ''): string | undefined {
  const [, scheme = '', value = ''] = /^(\w+)\s+(\S+)\s*$/.exec(authorization) ?? [];
  if (scheme.toLowerCase() === 'bearer') return value;
  if (scheme.toLowerCase() !== 'basic') return undefined;
  return /:(.*)$/s.exec(Buffer.from(value, 'base64').toString('utf8'))?.[1];
}
