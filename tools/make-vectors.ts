import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'prettier';
import { makeVectors } from './vectors.ts';

/** node tools/make-vectors.ts: writes app/protocol/vectors/*.json. */
const folder = join(import.meta.dirname, '../app/protocol/vectors');

mkdirSync(folder, { recursive: true });
for (const [name, made] of Object.entries(makeVectors()))
  writeFileSync(join(folder, `${name}.json`), await format(JSON.stringify(made), { parser: 'json', printWidth: 120 }));
