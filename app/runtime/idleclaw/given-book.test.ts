import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { localDay } from '../../ledger/local-day.ts';
import { openGivenBook } from './given-book.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'given-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const DAY_MS = 86_400_000;
const unexpected = (problem: unknown) => expect.unreachable(String(problem));
const SERVER = 'https://hub.example';

describe('what was given away over IdleClaw', () => {
  it('is counted by day and by server, and is there again after a restart', () => {
    const file = join(folder, 'given.json');
    let nowMs = Date.UTC(2026, 5, 1, 12);
    const deps = { nowMs: () => nowMs, onProblem: unexpected };
    const book = openGivenBook(file, deps);
    book.add(SERVER, { inputTokens: 5, outputTokens: 2 });
    nowMs += DAY_MS;
    book.add(SERVER, { inputTokens: 1, outputTokens: 1 });
    book.close();
    const again = openGivenBook(file, deps);
    expect(again.ofServer(SERVER)).toEqual({ requests: 2, inputTokens: 6, outputTokens: 3 });
    expect(again.ofDay(localDay(nowMs))).toEqual({ requests: 1, inputTokens: 1, outputTokens: 1 });
    expect(again.creditsOfDay(localDay(nowMs - DAY_MS))).toBe(7);
    expect(again.creditsOfDay('2020-01-01')).toBe(0);
  });

  it('keeps a year of days', () => {
    const file = join(folder, 'given.json');
    let nowMs = Date.UTC(2026, 0, 1, 12);
    const book = openGivenBook(file, { nowMs: () => nowMs, onProblem: unexpected });
    for (let day = 0; day < 400; day += 1, nowMs += DAY_MS) book.add(SERVER, { inputTokens: 1, outputTokens: 0 });
    book.close();
    const { days } = JSON.parse(readFileSync(file, 'utf8')) as { days: object };
    expect(Object.keys(days)).toHaveLength(366);
    expect(book.ofServer(SERVER).requests).toBe(400);
  });

  it('begins anew, and says so, when the file cannot be read', () => {
    const file = join(folder, 'given.json');
    writeFileSync(file, '{"version": 7');
    const problems: unknown[] = [];
    const book = openGivenBook(file, { nowMs: Date.now, onProblem: (problem) => problems.push(problem) });
    expect(problems).toHaveLength(1);
    expect(book.ofServer(SERVER).requests).toBe(0);
  });
});
