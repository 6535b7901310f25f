import { expect, it } from 'vitest';
import { temporaryFolder } from '../store/testing/temporary-folder.ts';
import { startAppender, type Appender, type AppenderInput } from './testing/appender.ts';
import { checkBooks } from './testing/kill-appenders.ts';
import { mountSmallDisk } from './testing/small-disk.ts';

const ROUNDS = 3;

async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`did not happen within a minute: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Appends until the ledger refuses for want of room, then is killed; again and again. @returns what was acknowledged */
async function fill(start: (first: number) => Appender): Promise<Set<string>> {
  const acknowledged = new Set<string>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const appender = start(round * 1_000_000);
    await until(() => appender.refusals() >= 3, 'a full disk');
    await appender.kill();
    for (const jobId of appender.acknowledged) acknowledged.add(jobId);
  }
  return acknowledged;
}

async function expectWhole(input: Omit<AppenderInput, 'first'>, acknowledged: Set<string>): Promise<void> {
  expect(acknowledged.size).toBeGreaterThan(0);
  const { entries, ...books } = await checkBooks(input.file, acknowledged, true);
  expect(books).toEqual({ lost: [], problems: [], acknowledged: acknowledged.size });
  // With room again the very jobs that were refused are entered, those that were acknowledged are known, and none counts twice.
  const again = startAppender({ ...input, first: 0, count: 60 });
  expect(await again.ended).toBe(0);
  for (const jobId of again.acknowledged) acknowledged.add(jobId);
  expect(again.refusals()).toBe(0);
  const after = await checkBooks(input.file, acknowledged, true);
  expect(after).toMatchObject({ lost: [], problems: [] });
  expect(after.entries).toBeGreaterThanOrEqual(entries);
}

it(
  'a file that may not grow: what was acknowledged is there, the rest can be sent again',
  { timeout: 180_000 },
  async () => {
    using folder = temporaryFolder();
    const input = { file: folder.path('ledger'), role: 'worker', inFlight: 4 } as const;
    const acknowledged = await fill((first) => startAppender({ ...input, first, maxFileBytes: 400_000 }));
    await expectWhole(input, acknowledged);
  },
);

const disk = mountSmallDisk(1_200);
const reason = typeof disk === 'string' ? disk : '';
if (reason) console.log(`full disk of its own: ${reason}`);

it.skipIf(reason)(
  'a full disk: what was acknowledged is there, the rest can be sent again',
  { timeout: 180_000 },
  async () => {
    using small = disk as Exclude<typeof disk, string>;
    const input = { file: `${small.folder}/ledger`, role: 'worker', inFlight: 4 } as const;
    const acknowledged = await fill((first) => startAppender({ ...input, first }));
    // The books can be read, also while there is no room at all.
    expect((await checkBooks(input.file, acknowledged)).lost).toEqual([]);
    small.grow(64_000);
    await expectWhole(input, acknowledged);
  },
);
