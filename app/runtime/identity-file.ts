import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { GridError } from '../protocol/errors.ts';
import { createIdentity, parseIdentity, type Identity } from '../protocol/identity.ts';
import { writePrivateFile } from './write-file.ts';

/**
 * @returns undefined when there is no file
 * @throws GridError identity_unreadable; the file stays as it is
 */
export function readIdentityFile(file: string): Identity | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new GridError('identity_unreadable', `'${file}' cannot be read.`, { cause: error });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new GridError('identity_unreadable', `'${file}' is not valid JSON.`);
  }
  const parsed = parseIdentity(json, randomBytes);
  if ('problem' in parsed)
    throw new GridError('identity_unreadable', `'${file}' cannot be understood: ${parsed.problem}.`);
  if (parsed.migrated) writePrivateFile(file, serialise(parsed.identity));
  return parsed.identity;
}

/** Reads the identity, or makes one. Two processes that start at once on a new home end up with the same one. */
export function openIdentityFile(file: string): { identity: Identity; created: boolean } {
  const there = readIdentityFile(file);
  if (there) return { identity: there, created: false };
  const identity = createIdentity(randomBytes);
  const next = `${file}.${process.pid}.new`;
  try {
    writeFileSync(next, serialise(identity), { mode: 0o600, flush: true });
    try {
      linkSync(next, file); // fails when another process was first; never replaces a key
    } finally {
      unlinkSync(next);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return openIdentityFile(file);
    throw new GridError('home_unwritable', `'${file}' cannot be written.`, { cause: error });
  }
  return { identity, created: true };
}

function serialise(identity: Identity): string {
  return `${JSON.stringify(identity, null, 2)}\n`;
}
