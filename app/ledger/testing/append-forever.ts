import { writeSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { GridError } from '../../protocol/errors.ts';
import { openLedger } from '../open-ledger.ts';
import { ALICE, audited, NOON_MS, OWN, testJob, utcDay } from './test-jobs.ts';

/**
 * A process of its own for tests: appends jobs from number `first` on, `inFlight` at a time, and prints each job id as soon as
 * the ledger says that it is durable. Ends after `count` jobs. 'worker' serves Alice, 'router' asks her. An entry that the
 * ledger refuses is sent again until it is taken, as the router does; each time a '!' is printed.
 */
const [file = '', role, first = '0', count = '1', inFlight = '1'] = process.argv.slice(2);
const ledger = await openLedger({ file, ownPubkey: OWN.pubkey, localDay: utcDay });

let next = Number(first);
const end = next + Number(count);

async function append(number: number): Promise<string> {
  const sides = role === 'worker' ? { worker: OWN, requester: ALICE } : { worker: ALICE, requester: OWN };
  const { order, receipt } = testJob({ ...sides, number });
  const terms = { order, price: { input: 1, output: 1 }, nowMs: NOON_MS };
  for (;;) {
    try {
      if (role === 'worker') await ledger.appendServed(receipt, terms);
      else await ledger.appendAsked(audited(receipt, order), terms);
      return order.jobId;
    } catch (error) {
      if (!(error instanceof GridError) || error.code !== 'ledger_failed') throw error;
      print('!');
      await wait(5);
    }
  }
}

/** The line has left this process when this returns. Who reads may be slow. */
function print(line: string): void {
  for (let isOut = false; !isOut;) {
    try {
      writeSync(1, `${line}\n`);
      isOut = true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

async function lane(): Promise<void> {
  while (next < end) print(await append(next++));
}

await Promise.all(Array.from({ length: Number(inFlight) }, lane));
await ledger.close();
