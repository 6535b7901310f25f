import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** @returns the files under a home, database and write-ahead log included, that have these words in them, plain or encoded */
export function filesWith(home: string, words: string): string[] {
  const encodings = [words, Buffer.from(words).toString('hex')];
  // Base64 looks different for each of the three places where the words may begin.
  for (const before of ['', '.', '..'])
    encodings.push(
      Buffer.from(before + words)
        .toString('base64')
        .slice(4, -4),
    );
  return readdirSync(home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => {
      const bytes = readFileSync(file);
      return encodings.some((encoded) => bytes.includes(encoded));
    });
}
