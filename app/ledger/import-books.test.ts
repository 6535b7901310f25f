import fc from 'fast-check';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../store/testing/temporary-folder.ts';
import { lineOf, parseLine } from './book-line.ts';
import { importBooks, MAX_LINE_BYTES } from './import-books.ts';
import type { Ledger } from './ledger.ts';
import { openLedger } from './open-ledger.ts';
import { ALICE, audited, BOB, NOON_MS, OWN, testJob, testReceipt, testSigner, utcDay } from './testing/test-jobs.ts';
import { textLines } from './text-lines.ts';

const DAY_MS = 86_400_000;
const open = (file: string) => openLedger({ file, ownPubkey: OWN.pubkey, localDay: utcDay });
const bytes = (text: string) =>
  (async function* () {
    yield Buffer.from(text);
  })();

/** A line of a v1 ledger. */
function v1Line(receipt: ReturnType<typeof testReceipt>): string {
  return JSON.stringify({ receipt: receipt.receipt, signature: receipt.signature });
}

const earned = testReceipt({ worker: OWN, number: 1 }, ALICE.pubkey, 'v1 earned');
const spent = testReceipt({ worker: BOB, number: 2 }, OWN.pubkey, 'v1 spent');
const own = testReceipt({ worker: OWN, number: 3 }, OWN.pubkey, 'v1 own');
const nameless = testReceipt({ worker: OWN, number: 4 }, 'anonymous', 'v1 nameless');
const foreign = testReceipt({ worker: BOB, number: 5 }, ALICE.pubkey, 'v1 foreign');
const job = testJob({ worker: BOB, requester: OWN, number: 6 });
const tampered = JSON.stringify({ receipt: { ...earned.receipt, outputTokens: 9_000 }, signature: earned.signature });
const foreignOrder = JSON.stringify({
  ...(JSON.parse(v1Line(spent)) as object),
  order: { order: job.order.order, signature: job.order.signature },
});

it('enters a v1 ledger once, by what each receipt is here, and names the lines it refuses', async () => {
  using folder = temporaryFolder();
  await using ledger = await open(folder.path('ledger'));
  const text = [
    '\uFEFF' + v1Line(earned),
    v1Line(spent),
    '',
    v1Line(own),
    v1Line(nameless),
    v1Line(foreign),
    '{"torn',
    tampered,
    '[]',
    '{"signature":"ab"}',
    foreignOrder,
    `"${'x'.repeat(MAX_LINE_BYTES)}"`,
    v1Line(earned),
  ].join('\r\n');
  const refusedLines: [number, string][] = [];
  const report = await importBooks(bytes(text), ledger, {
    onRefused: ({ number }, why) => refusedLines.push([number, why]),
  });
  expect(report).toEqual({
    lines: 12,
    posted: { served: 1, asked: 1, own: 1, given: 1, disputed: 0 },
    known: 1,
    refused: { foreign: 1, no_json: 1, bad_signature: 1, no_receipt: 2, bad_order: 1, too_long: 1 },
  });
  expect(refusedLines).toEqual([
    [6, 'foreign'],
    [7, 'no_json'],
    [8, 'bad_signature'],
    [9, 'no_receipt'],
    [10, 'no_receipt'],
    [11, 'bad_order'],
    [12, 'too_long'],
  ]);
  // 1 token is 1 credit, as v1 counts.
  expect([ledger.tabMicro(ALICE.pubkey), ledger.tabMicro(BOB.pubkey)]).toEqual([30_000_000, -30_000_000]);
  expect(ledger.totals()).toMatchObject({ ownTokens: 30, givenMicro: 30_000_000, jobs: 4 });
  expect((await importBooks(bytes(text), ledger)).posted).toEqual({
    served: 0,
    asked: 0,
    own: 0,
    given: 0,
    disputed: 0,
  });
  expect(ledger.totals().jobs).toBe(4);
  expect(await ledger.verify()).toMatchObject({ ok: true, entries: 4 });
});

it('does not use the gift budget of today', async () => {
  using folder = temporaryFolder();
  await using ledger = await open(folder.path('ledger'));
  await importBooks(bytes(v1Line(earned)), ledger);
  expect(ledger.giftUsedMicro(utcDay(NOON_MS + DAY_MS))).toBe(0);
  expect(ledger.giftUsedMicro(utcDay(NOON_MS))).toBe(30_000_000);
});

async function exported(ledger: Ledger): Promise<string> {
  return ledger.slice(0, 1_000).entries.map(lineOf).join('');
}

it('makes the same books again from an export of any books', async () => {
  using folder = temporaryFolder();
  await using from = await open(folder.path('from'));
  for (let number = 0; number < 40; number += 1) {
    const peer = testSigner(2 + (number % 3));
    const atMs = NOON_MS + number * 7_200_000;
    const terms = { price: { input: 1_000_000, output: 1_000_000 }, nowMs: atMs };
    const [worker, requester] = number % 2 ? [OWN, peer] : [peer, OWN];
    const { order, receipt } = testJob({ worker, requester, number, atMs, price: { input: number, output: 3 } });
    if (number % 8 === 3)
      await from.appendServed(testReceipt({ worker: OWN, number, atMs }, peer.pubkey, `given ${number}`), {
        ...terms,
        order: undefined,
      });
    else if (number % 2) await from.appendServed(receipt, { ...terms, order });
    else if (number % 10 === 4)
      await from.appendDisputed({
        dispute: 'stale',
        receipt: number % 4 ? receipt : undefined,
        order,
        jobId: order.jobId,
        workerPubkey: peer.pubkey,
        model: 'llama3.2',
        startedAtMs: atMs,
        nowMs: atMs,
      });
    else await from.appendAsked(audited(receipt, order), { ...terms, order });
  }
  const text = await exported(from);
  await using into = await open(folder.path('into'));
  expect(await importBooks(bytes(text), into)).toMatchObject({ lines: 40, known: 0, refused: {} });
  expect(into.tabs()).toEqual(from.tabs());
  expect(into.totals()).toEqual(from.totals());
  expect(into.days('')).toEqual(from.days(''));
  for (const { day } of from.days('')) expect(into.giftUsedMicro(day)).toBe(from.giftUsedMicro(day));
  expect(await exported(into)).toBe(text);
  expect(await importBooks(bytes(text), into)).toMatchObject({ known: 40 });
});

it('never throws on junk, and enters none of it', () => {
  const members = fc.constantFrom('receipt', 'signature', 'order', 'lobstah', 'kind', 'postedAt', 'dispute', 'jobId');
  const junk = fc.oneof(
    fc.string(),
    fc.json(),
    fc.dictionary(members, fc.jsonValue()).map((value) => JSON.stringify(value)),
  );
  fc.assert(
    fc.property(junk, (text) => {
      expect(parseLine(text, OWN.pubkey)).toHaveProperty('refused');
    }),
    { numRuns: 500 },
  );
});

it('a line with one character changed is refused, or says the same', () => {
  const line = lineOf({
    jobId: job.order.jobId,
    kind: 'asked',
    workerPubkey: BOB.pubkey,
    requesterPubkey: OWN.pubkey,
    nonce: job.order.order.nonce,
    model: 'llama3.2',
    inputTokens: 10,
    outputTokens: 20,
    amountMicro: 50,
    startedAtMs: NOON_MS,
    completedAtMs: NOON_MS,
    postedAtMs: NOON_MS,
    dispute: undefined,
    receiptJson: v1Line(job.receipt),
    orderJson: JSON.stringify({ order: job.order.order, signature: job.order.signature }),
  }).trim();
  const right = parseLine(line, OWN.pubkey);
  expect(right).toMatchObject({ kind: 'asked', order: { jobId: job.order.jobId } });
  fc.assert(
    fc.property(
      fc.nat(line.indexOf(',"lobstah"') - 1),
      fc.string({ minLength: 1, maxLength: 1 }),
      (place, character) => {
        const parsed = parseLine(line.slice(0, place) + character + line.slice(place + 1), OWN.pubkey);
        // A member name that is changed takes the order away; what is left is a v1 receipt, genuine as before.
        if ('refused' in parsed) return;
        expect(parsed.receipt).toEqual(job.receipt);
        if (parsed.order) expect(parsed).toEqual(right);
      },
    ),
    { numRuns: 300 },
  );
});

it('finds the same lines wherever the bytes are cut', async () => {
  const text = 'one\r\n\n  \nzwei ü€😀\n' + 'x'.repeat(40) + '\nlast';
  const whole = [
    [1, 'one'],
    [4, 'zwei ü€😀'],
    [5, undefined],
    [6, 'last'],
  ];
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(Buffer.byteLength(text))), async (places) => {
      const all = Buffer.from(text);
      const ends = [0, ...places.toSorted((a, b) => a - b), all.length];
      const chunks = ends.slice(1).map((end, index) => all.subarray(ends[index], end));
      const lines: unknown[] = [];
      for await (const line of textLines(
        (async function* () {
          yield* chunks;
        })(),
        30,
      ))
        lines.push([line.number, line.text]);
      expect(lines).toEqual(whole);
    }),
  );
});
