import { describe, expect, it } from 'vitest';
import type { LedgerPage } from '../../app/contract/commands.ts';
import { mockEntry } from '../mock/mock-ledger.ts';
import { createRandom } from '../mock/random.ts';
import { appendPage, firstPage, refreshTop } from './ledger-pages.ts';

const entry = (jobId: string) => ({ ...mockEntry(0, undefined, createRandom(1), 0), jobId });
const page = (jobs: string, next: string | null, total: number): LedgerPage => ({
  entries: jobs.split('').map(entry),
  next,
  total,
});
const jobs = (loaded: { entries: readonly { jobId: string }[] }) => loaded.entries.map(({ jobId }) => jobId).join('');

describe('pages of the ledger', () => {
  it('puts pages together, each entry once', () => {
    const loaded = appendPage(firstPage(page('dc', '2', 4)), page('cba', null, 4));
    expect(jobs(loaded)).toBe('dcba');
    expect(loaded.next).toBeNull();
  });

  it('puts what is new on top and keeps its place at the end', () => {
    const loaded = appendPage(firstPage(page('dc', '2', 6)), page('ba', '4', 6));
    const fresh = refreshTop(loaded, page('fe', '2', 8));
    expect(jobs(fresh)).toBe('fe');
    const overlapping = refreshTop(loaded, page('ed', '2', 7));
    expect(jobs(overlapping)).toBe('edcba');
    expect(overlapping).toMatchObject({ next: '4', total: 7 });
  });

  it('takes the newer words about an entry', () => {
    const loaded = firstPage(page('ba', null, 2));
    const newer = { ...entry('b'), dispute: '900 claimed' };
    expect(refreshTop(loaded, { entries: [newer, entry('a')], next: null, total: 2 }).entries[0]).toBe(newer);
  });
});
