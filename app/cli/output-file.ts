import { once } from 'node:events';
import { createWriteStream, existsSync, renameSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { finished } from 'node:stream/promises';
import { GridError } from '../protocol/errors.ts';

/** Text for standard output. */
export async function writeOut(pieces: AsyncIterable<string> | Iterable<string>): Promise<void> {
  for await (const piece of pieces) if (!process.stdout.write(piece)) await once(process.stdout, 'drain');
}

/**
 * Text for a file: on the disk and whole under its name, or not there at all. Readable by its owner only.
 * @throws GridError invalid_argument when there is such a file and `force` is not set, or it cannot be written
 */
export async function writeFileWhole(
  file: string,
  pieces: AsyncIterable<string> | Iterable<string>,
  { force }: { force: boolean },
): Promise<void> {
  const place = resolve(file);
  if (existsSync(place) && !force)
    throw new GridError('invalid_argument', `'${place}' is there already: name another file, or use '--force'.`);
  const partial = `${place}.${process.pid}.partial`;
  const stream = createWriteStream(partial, { mode: 0o600, flush: true });
  const done = finished(stream);
  done.catch(() => undefined);
  try {
    for await (const piece of pieces) if (!stream.write(piece)) await Promise.race([once(stream, 'drain'), done]);
    stream.end();
    await done;
    renameSync(partial, place);
  } catch (error) {
    stream.destroy();
    rmSync(partial, { force: true });
    if (error instanceof GridError || !(error instanceof Error) || !('code' in error)) throw error;
    throw new GridError('invalid_argument', `'${place}' cannot be written: ${error.message}.`, { cause: error });
  }
}
