import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../store/testing/temporary-folder.ts';
import { openLedger } from './open-ledger.ts';
import { ALICE, OWN } from './testing/test-jobs.ts';

const SCRIPT = fileURLToPath(new URL('./testing/append-forever.ts', import.meta.url));
const CLEAN = { unbalanced: [], wrongBalances: [] };

interface Appender {
  readonly child: ChildProcess;
  /** job ids it has printed so far */
  readonly acknowledged: string[];
  readonly ended: Promise<number | null>;
}

function startAppender(
  file: string,
  role: 'worker' | 'router',
  first: number,
  count: number,
  inFlight: number,
): Appender {
  const child = spawn(process.execPath, [SCRIPT, file, role, String(first), String(count), String(inFlight)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const acknowledged: string[] = [];
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    acknowledged.push(...lines);
  });
  return { child, acknowledged, ended: once(child, 'close').then(([code]) => code as number | null) };
}

it('two processes on one home: both write all of theirs, and the books are right', { timeout: 120_000 }, async () => {
  using folder = temporaryFolder();
  const file = folder.path('ledger');
  // Both find a home without a ledger: they also create it at the same time.
  const worker = startAppender(file, 'worker', 0, 150, 8);
  const router = startAppender(file, 'router', 1_000, 100, 4);
  expect(await Promise.all([worker.ended, router.ended])).toEqual([0, 0]);
  await using ledger = await openLedger({ file, ownPubkey: OWN.pubkey });
  expect(ledger.totals()).toMatchObject({ earnedMicro: 150 * 50, spentMicro: 100 * 50, jobs: 250 });
  expect(ledger.tabMicro(ALICE.pubkey)).toBe(50 * 50);
  expect(ledger.audit()).toEqual({ entries: 250, ...CLEAN });
});

/** `LOBSTAH_KILLS` makes it longer. */
const KILLS = Number(process.env['LOBSTAH_KILLS'] ?? 40);

it(
  `kill -9 at ${KILLS} moments: what was acknowledged is there, once`,
  { timeout: 60_000 + KILLS * 3_000 },
  async () => {
    using folder = temporaryFolder();
    const file = folder.path('ledger');
    const acknowledged = new Set<string>();
    for (let round = 0; round < KILLS; round += 1) {
      const inFlight = [1, 4, 32][round % 3] ?? 1;
      const appender = startAppender(file, 'worker', round * 100_000, 100_000, inFlight);
      await once(appender.child.stdout!, 'data');
      // The moment is random by nature; the golden ratio spreads the aims over 0 to 25 ms.
      await new Promise((resolve) => setTimeout(resolve, ((round * 0.618) % 1) * 25));
      appender.child.kill('SIGKILL');
      await appender.ended;
      for (const jobId of appender.acknowledged) acknowledged.add(jobId);

      await using ledger = await openLedger({ file, ownPubkey: OWN.pubkey });
      const { entries, ...books } = ledger.audit();
      expect(books).toEqual(CLEAN);
      const there = new Set(ledger.entries({ limit: entries }).map(({ jobId }) => jobId));
      expect(there.size).toBe(entries);
      expect([...acknowledged].filter((jobId) => !there.has(jobId))).toEqual([]);
      expect(ledger.tabMicro(ALICE.pubkey)).toBe(entries * 50);
    }
    expect(acknowledged.size).toBeGreaterThanOrEqual(KILLS);
  },
);
