import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { kindOf, REASON_CODES } from './reasons.ts';
import { DEFAULT_RULES } from './rules.ts';
import { SIGNAL_NAMES } from './signals.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/sharing.md'), 'utf8');
const section = (title: string) => page.split(/^## /m).find((text) => text.startsWith(title)) ?? '';
const names = (text: string, column: RegExp) => [...text.matchAll(column)].map(([, name]) => name);

it('docs/sharing.md has every reason, in the order of the code, with its kind', () => {
  const rows = [...section('Reasons').matchAll(/^\| `([a-z-]+)` +\| ([a-z ]+?) +\|/gm)];
  expect(rows.map(([, code]) => code)).toEqual(REASON_CODES);
  const words = { owner: 'by hand', machine: 'seen', limit: 'a plan' };
  expect(rows.map(([, , kind]) => kind)).toEqual(REASON_CODES.map((code) => words[kindOf(code).kind]));
});

it('docs/sharing.md says for every signal what unknown means', () => {
  expect(names(section('Signals'), /^\| `(\w+)` +\|/gm)).toEqual(SIGNAL_NAMES);
});

it.each(Object.entries(DEFAULT_RULES))('docs/sharing.md has the rule %s with its default', (name, value) => {
  const shown = new RegExp(`\`${name}\` +\\| ([^|]+?) +\\|`).exec(section('Rules'))?.[1];
  expect(shown).toBeDefined();
  const told = typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value);
  const isPlain = typeof value === 'boolean' || typeof value === 'number';
  // What differs between systems is told in words.
  if (isPlain && name !== 'otherCpuPercent') expect(shown?.split(' ')[0]).toBe(told);
});
