/**
 * How fast the ledger is on the disk of the folder given (default: the system's temporary one), beside what that disk can do:
 *   node tools/bench-ledger.ts [folder]
 */
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLedger } from '../app/ledger/open-ledger.ts';
import { ALICE, OWN, testJob } from '../app/ledger/testing/test-jobs.ts';

const SECONDS = 3;
const folder = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'lobstah-bench-'));

function say(what: string, value: number, unit: string): void {
  console.log(`${what.padEnd(44)}${value.toLocaleString('en', { maximumFractionDigits: 1 }).padStart(12)} ${unit}`);
}

/** Each commit of the ledger is one write of some pages at the end of the WAL and one fsync: this is the same without SQLite. */
function rawSyncs(): number {
  const file = openSync(join(folder, 'raw'), 'w');
  const page = Buffer.alloc(4096 * 10, 1);
  const endAt = performance.now() + SECONDS * 1_000;
  let syncs = 0;
  for (; performance.now() < endAt; syncs += 1) {
    writeSync(file, page);
    fsyncSync(file);
  }
  closeSync(file);
  return syncs / SECONDS;
}

const ledger = await openLedger({ file: join(folder, 'ledger'), ownPubkey: OWN.pubkey });
let number = 0;

async function appends(inFlight: number): Promise<{ perSecond: number; slowestMs: number }> {
  // Signing is not the ledger's work: the receipts are made before.
  const jobs = Array.from({ length: 20_000 }, () => testJob({ worker: OWN, requester: ALICE, number: number++ }));
  const startMs = performance.now();
  const endAt = startMs + SECONDS * 1_000;
  let done = 0;
  let slowestMs = 0;
  const lane = async () => {
    for (let job = jobs.pop(); job && performance.now() < endAt; job = jobs.pop()) {
      const sentMs = performance.now();
      await ledger.appendServed(job.receipt, { order: job.order, price: { input: 1, output: 1 }, nowMs: Date.now() });
      slowestMs = Math.max(slowestMs, performance.now() - sentMs);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return { perSecond: (done / (performance.now() - startMs)) * 1_000, slowestMs };
}

try {
  say('disk: write 40 kB + fsync', rawSyncs(), '/s');
  for (const inFlight of [1, 64]) {
    const { perSecond, slowestMs } = await appends(inFlight);
    say(`ledger: durable appends, ${inFlight} in flight`, perSecond, '/s');
    say('        the slowest of them', slowestMs, 'ms');
  }
  const lookups = 200_000;
  const startMs = performance.now();
  for (let count = 0; count < lookups; count += 1) ledger.tabMicro(ALICE.pubkey);
  say('ledger: tabMicro', ((performance.now() - startMs) / lookups) * 1_000, 'µs');
  const auditMs = performance.now();
  const { entries, unbalanced, wrongBalances } = ledger.audit();
  say(`ledger: audit of ${entries} entries`, performance.now() - auditMs, 'ms');
  if (unbalanced.length + wrongBalances.length > 0) throw new Error('the books do not balance');
  const pageMs = performance.now();
  ledger.page({ limit: 50, cursor: undefined, kind: undefined, search: 'llama', peers: [] });
  say('ledger: page with a search', performance.now() - pageMs, 'ms');
} finally {
  await ledger.close();
  rmSync(folder, { recursive: true, force: true });
}
