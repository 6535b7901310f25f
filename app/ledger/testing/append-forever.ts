import { writeSync } from 'node:fs';
import { openLedger } from '../open-ledger.ts';
import { ALICE, audited, NOON_MS, OWN, testJob, utcDay } from './test-jobs.ts';

/**
 * A process of its own for tests: appends jobs from number `first` on, `inFlight` at a time, and prints each job id as soon as
 * the ledger says that it is durable. Ends after `count` jobs. 'worker' serves Alice, 'router' asks her.
 */
const [file = '', role, first = '0', count = '1', inFlight = '1'] = process.argv.slice(2);
const ledger = await openLedger({ file, ownPubkey: OWN.pubkey, localDay: utcDay });

let next = Number(first);
const end = next + Number(count);

async function lane(): Promise<void> {
  while (next < end) {
    const number = next++;
    const sides = role === 'worker' ? { worker: OWN, requester: ALICE } : { worker: ALICE, requester: OWN };
    const { order, receipt } = testJob({ ...sides, number });
    const terms = { order, price: { input: 1, output: 1 }, nowMs: NOON_MS };
    if (role === 'worker') await ledger.appendServed(receipt, terms);
    else await ledger.appendAsked(audited(receipt, order), terms);
    writeSync(1, `${order.jobId}\n`);
  }
}

await Promise.all(Array.from({ length: Number(inFlight) }, lane));
await ledger.close();
