import { renameSync, writeFileSync } from 'node:fs';
import { GridError } from '../protocol/errors.ts';

/** Whole or not at all, readable by the owner only: a crash or a full disk leaves the old file as it was. */
export function writePrivateFile(file: string, text: string): void {
  const next = `${file}.${process.pid}.new`;
  try {
    writeFileSync(next, text, { mode: 0o600, flush: true });
    renameSync(next, file);
  } catch (error) {
    throw new GridError('home_unwritable', `'${file}' cannot be written.`, { cause: error });
  }
}
