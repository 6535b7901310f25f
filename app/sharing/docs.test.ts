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

it('docs/sharing.md has every rule with its default', () => {
  const rules = section('Rules');
  for (const [name, value] of Object.entries(DEFAULT_RULES)) {
    const shown = new RegExp(`\`${name}\` +\\| ([^|]+?) +\\|`).exec(rules)?.[1];
    expect(shown, name).toBeDefined();
    if (typeof value === 'boolean') expect(shown, name).toBe(value ? 'on' : 'off');
    else if (typeof value === 'number' && name !== 'otherCpuPercent')
      expect(shown?.split(' ')[0], name).toBe(String(value));
  }
});
