import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { openLedger } from '../open-ledger.ts';
import { startAppender, type Appender } from './appender.ts';
import { OWN, utcDay } from './test-jobs.ts';

/** What is held against the promises the ledger made. All but the counts must be empty. */
export interface BooksAfterKills {
  readonly lost: string[];
  readonly problems: readonly unknown[];
  readonly entries: number;
  readonly acknowledged: number;
}

const IN_FLIGHT = [1, 2, 8];
/** Enough to hit every part of a commit, of its fsync and of what the thread does in between. */
const SPREAD_MS = 25;

/**
 * Two processes append to one ledger; at each point one of them is killed, in the middle of a commit as likely as not, while
 * the other goes on, and is the next.
 */
export async function killAppenders(file: string, points: number): Promise<BooksAfterKills> {
  const acknowledged = new Set<string>();
  const start = async (point: number): Promise<Appender> => {
    const role = point % 2 === 0 ? 'worker' : 'router';
    const inFlight = IN_FLIGHT[point % IN_FLIGHT.length] ?? 1;
    const appender = startAppender({ file, role, first: point * 1_000_000, inFlight });
    await Promise.race([once(appender.child.stdout!, 'data'), appender.ended]);
    return appender;
  };
  let [next, other] = await Promise.all([start(0), start(1)]);
  for (let point = 0; point < points; point += 1) {
    // The moment is random by nature; the golden ratio spreads the aims evenly.
    await wait(((point * 0.618) % 1) * SPREAD_MS);
    await next.kill();
    for (const jobId of next.acknowledged) acknowledged.add(jobId);
    [next, other] = [other, await start(point + 2)];
    if (point % 25 === 24) {
      const { lost, problems } = await checkBooks(file, acknowledged);
      if (lost.length + problems.length > 0) break;
    }
  }
  for (const appender of [next, other]) {
    await appender.kill();
    for (const jobId of appender.acknowledged) acknowledged.add(jobId);
  }
  return checkBooks(file, acknowledged, true);
}

/** Opens the books as the next start would, and looks for everything that was promised. */
export async function checkBooks(
  file: string,
  acknowledged: ReadonlySet<string>,
  signatures = false,
): Promise<BooksAfterKills> {
  const ledger = await openLedger({ file, ownPubkey: OWN.pubkey, localDay: utcDay });
  try {
    const { problems, entries } = await ledger.verify({ signatures });
    const lost = [...acknowledged].filter((jobId) => ledger.entry(jobId) === undefined);
    return { lost, problems, entries, acknowledged: acknowledged.size };
  } finally {
    await ledger.close();
  }
}
