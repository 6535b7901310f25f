import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { asGridError, ERRORS, GridError, isGridErrorCode } from './errors.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/errors.md'), 'utf8');
const documented = Object.fromEntries(
  [...page.matchAll(/^\| `(\w+)` +\| (\d+) +\| (.*?) +\| (.*?) +\|$/gm)].map(([, code, status, message, hint]) => [
    code,
    { status: Number(status), message, hint },
  ]),
);

describe('the error table', () => {
  it('is what docs/errors.md says, in both directions', () => {
    expect(documented).toEqual(ERRORS);
  });
  it.each(Object.entries(ERRORS))(
    '%s says what happened and what to do, each in a sentence',
    (_code, { message, hint }) => {
      expect(message).toMatch(/^[A-Z].*[.!]$/);
      expect(hint).toMatch(/[.)]$/);
    },
  );
  it('tells its codes from names every object has', () => {
    expect([isGridErrorCode('bad_json'), isGridErrorCode('toString'), isGridErrorCode(7)]).toEqual([
      true,
      false,
      false,
    ]);
  });
  it('keeps the cause of what was not expected', () => {
    const cause = new TypeError('x');
    expect(asGridError(cause)).toMatchObject({ code: 'internal_error', cause });
    const known = new GridError('bad_json');
    expect(asGridError(known)).toBe(known);
  });
});
