import fc from 'fast-check';
import { expect, it } from 'vitest';
import { costMicro } from '../protocol/price.ts';
import { openStore, openStoreForReading } from '../store/open-store.ts';
import { temporaryFolder } from '../store/testing/temporary-folder.ts';
import { askedEntry, disputedEntry, servedEntry, type NewEntry } from './new-entry.ts';
import { createReader } from './reader.ts';
import { audited, NOON_MS, OWN, testOrder, testReceipt, testSigner, utcDay } from './testing/test-jobs.ts';
import { prepareBatches } from './write-batch.ts';

const PEERS = [testSigner(2), testSigner(3), OWN];
const CONTEXT = { ownPubkey: OWN.pubkey, localDay: utcDay };
const UNSIGNED_PRICE = { input: 5, output: 5 };

/** Few peers and nonces, so that replays and both views of one job are common. */
const jobs = fc.record({
  how: fc.constantFrom('served', 'given', 'asked', 'asked v1', 'disputed'),
  peer: fc.constantFrom(...PEERS),
  number: fc.nat(6),
  price: fc.record({ input: fc.nat(40_000_000), output: fc.nat(40_000_000) }),
  inputTokens: fc.nat(50_000),
  outputTokens: fc.nat(50_000),
  atMs: fc.nat(3).map((days) => NOON_MS + days * 86_400_000),
});
type Job = ReturnType<(typeof jobs)['generate']>['value'];

function entryFor(job: Job): NewEntry {
  const { how, peer, number, atMs } = job;
  const serving = how === 'served' || how === 'given';
  const sides = serving ? { worker: OWN, requester: peer } : { worker: peer, requester: OWN };
  const order = how === 'given' || how === 'asked v1' ? undefined : testOrder({ ...job, ...sides });
  const receipt = testReceipt({ ...job, ...sides }, sides.requester.pubkey, order?.jobId ?? `v1 job ${number}`);
  const terms = { order, price: UNSIGNED_PRICE, nowMs: atMs };
  if (serving) return servedEntry(receipt, terms, CONTEXT);
  if (how !== 'disputed') return askedEntry(audited(receipt, order), terms, CONTEXT);
  const disputed = { dispute: 'stale' as const, receipt, order, jobId: order?.jobId ?? '', workerPubkey: peer.pubkey };
  return disputedEntry({ ...disputed, model: 'llama3.2', startedAtMs: atMs, nowMs: atMs }, CONTEXT);
}

/** The ledger as one would explain it: a map of jobs, and numbers. */
class Model {
  readonly kinds = new Map<string, string>();
  readonly tabs = new Map<string, number>();
  readonly gifts = new Map<string, number>();
  earned = 0;
  spent = 0;
  given = 0;
  ownTokens = 0;

  append({ how, peer, number, price, inputTokens, outputTokens, atMs }: Job): string {
    const serving = how === 'served' || how === 'given';
    const job = serving ? `us for ${peer.pubkey} ${number}` : `${peer.pubkey} for us ${number}`;
    const key = peer === OWN ? `own ${number}` : job;
    const before = this.kinds.get(key);
    if (before !== undefined && (before !== 'disputed' || how === 'disputed')) return 'known';
    const own = peer === OWN && how !== 'given' && how !== 'disputed';
    this.kinds.set(key, how);
    const amount = costMicro(how === 'given' || how === 'asked v1' ? UNSIGNED_PRICE : price, {
      inputTokens,
      outputTokens,
    });
    if (own) this.ownTokens += inputTokens + outputTokens;
    else if (how === 'given') {
      this.given += amount;
      this.gift(atMs, amount);
    } else if (how === 'served') {
      const owed = this.tabs.get(peer.pubkey) ?? 0;
      this.tabs.set(peer.pubkey, owed + amount);
      this.earned += amount;
      // What was lent beyond their credit, told another way than in the code.
      this.gift(atMs, owed >= 0 ? amount : Math.max(0, amount + owed));
    } else if (how !== 'disputed') {
      this.tabs.set(peer.pubkey, (this.tabs.get(peer.pubkey) ?? 0) - amount);
      this.spent += amount;
    }
    return 'posted';
  }

  private gift(atMs: number, micro: number): void {
    this.gifts.set(utcDay(atMs), (this.gifts.get(utcDay(atMs)) ?? 0) + micro);
  }
}

it('agrees with a simple model, whatever comes in whatever order and batches', { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(fc.array(fc.array(jobs, { minLength: 1, maxLength: 6 }), { maxLength: 12 }), (batches) => {
      using folder = temporaryFolder();
      const db = openStore(folder.path('ledger'));
      const reading = openStoreForReading(folder.path('ledger'));
      try {
        const write = prepareBatches(db);
        const ledger = createReader(reading);
        const model = new Model();
        for (const batch of batches) {
          const outcomes = write(batch.map((job) => ({ op: 'append', entry: entryFor(job) })));
          expect(outcomes).toEqual(batch.map((job) => ({ value: model.append(job) })));
        }
        for (const peer of PEERS) expect(ledger.tabMicro(peer.pubkey)).toBe(model.tabs.get(peer.pubkey) ?? 0);
        expect(ledger.totals()).toEqual({
          earnedMicro: model.earned,
          spentMicro: model.spent,
          givenMicro: model.given,
          ownTokens: model.ownTokens,
          jobs: [...model.kinds.values()].filter((how) => how !== 'disputed').length,
        });
        for (const [day, micro] of model.gifts) expect(ledger.giftUsedMicro(day)).toBe(micro);
        expect(ledger.audit()).toEqual({ entries: model.kinds.size, unbalanced: [], wrongBalances: [] });
      } finally {
        reading.close();
        db.close();
      }
    }),
    { numRuns: 60 },
  );
});
