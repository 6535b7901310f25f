import { canonicalJson } from '../app/protocol/canonical-json.ts';
import { createSigner } from '../app/protocol/ed25519.ts';
import { encodeHeaderJson } from '../app/protocol/headers.ts';
import { issueHello } from '../app/protocol/hello.ts';
import { issueOrder, type Order } from '../app/protocol/order.ts';
import { V1_PRICE } from '../app/protocol/price.ts';
import { issueReceipt, type Receipt } from '../app/protocol/receipt.ts';
import { announcementVectors, unannounceVectors } from './vectors/announcement-vectors.ts';
import { inviteVectors, redeemVectors } from './vectors/invite-vectors.ts';
import { signatureVectors } from './vectors/signature-vectors.ts';

/** Language-neutral test vectors, valid and invalid, each with a reason. Deterministic: fixed seeds, fixed times. */
const worker = createSigner(Buffer.alloc(32, 0x11));
const requester = createSigner(Buffer.alloc(32, 0x22));
const stranger = createSigner(Buffer.alloc(32, 0x33));
const T0 = 1_790_000_000_000;

export function makeVectors(): Record<string, unknown> {
  return {
    keys: keys(),
    'canonical-json': canonical(),
    signatures: signatureVectors(),
    receipts: receipts(),
    orders: orders(),
    audits: audits(),
    hellos: hellos(),
    headers: headers(),
    announcements: announcementVectors(worker, stranger),
    unannounces: unannounceVectors(worker, stranger),
    invites: inviteVectors(worker, stranger),
    redeems: redeemVectors(worker, requester, stranger),
  };
}

function keys() {
  const hex = worker.pubkey.slice(4);
  return [
    { text: worker.pubkey, valid: true, why: 'lob1 and 64 lowercase hex digits' },
    { text: `lob1${hex.toUpperCase()}`, valid: false, why: 'upper case would give one key two names' },
    { text: hex, valid: false, why: 'without its prefix' },
    { text: `lob1${hex.slice(2)}`, valid: false, why: 'a byte too short' },
    { text: `lob1${hex}00`, valid: false, why: 'a byte too long' },
    { text: `LOB1${hex}`, valid: false, why: 'the prefix is lower case' },
    { text: ` ${worker.pubkey}`, valid: false, why: 'white space is not part of a key' },
    { text: `lob1${'g'.repeat(64)}`, valid: false, why: 'g is no hex digit' },
    { text: 'anonymous', valid: false, why: 'a word that receipts of v1 may carry is no key' },
    { text: '', valid: false, why: 'empty' },
  ];
}

function canonical() {
  const row = (value: unknown, why: string) => ({ value, text: canonicalJson(value), why });
  return [
    row({ b: 1, a: 2 }, 'keys are sorted'),
    row({ z: { d: 1, c: [{ b: 1, a: 1 }] } }, 'at every depth, also inside arrays'),
    row([3, 1, 2], 'arrays keep their order'),
    row({ ä: 1, z: 2, Z: 3, '10': 4, '9': 5 }, 'order by UTF-16 code units, never by language or by number'),
    row(
      { '\u{1f99e}': 1, '\uff5e': 2 },
      'a surrogate pair sorts before U+FF5E, as UTF-16 code units do and code points do not',
    ),
    row({ a: 'é', b: '\u2028', c: '"\\\n\t' }, 'strings as JSON.stringify prints them: only what must be is escaped'),
    row({ a: 1e21, b: 1e-7, c: 0.1, d: 100, e: -0 }, 'numbers as JSON.stringify prints them; minus zero is 0'),
    row({ a: true, b: false, c: null, d: '' }, 'the other scalars'),
    row({}, 'an empty object'),
    row({ a: [], b: {} }, 'empty members'),
    row('text', 'a scalar alone'),
  ];
}

const receipt: Receipt = {
  version: 1,
  jobId: '3f1c',
  nonce: 'ab'.repeat(16),
  requesterPubkey: requester.pubkey,
  workerPubkey: worker.pubkey,
  model: 'llama3.2:3b',
  inputTokens: 31,
  outputTokens: 12,
  startedAt: T0,
  completedAt: T0 + 1_000,
};

function receipts() {
  const signed = (changes: object, signer = worker) => {
    const changed = { ...receipt, ...changes };
    return { receipt: changed, signature: signer.sign(canonicalJson(changed)) };
  };
  const row = (value: unknown, valid: boolean, why: string) => ({ signed: value, valid, why });
  const good = signed({});
  const { nonce: _nonce, ...withoutNonce } = receipt;
  return [
    row(good, true, 'a receipt of v1'),
    row(signed({ requesterPubkey: 'anonymous' }), true, 'of a request that named nobody'),
    row(signed({ inputTokens: 0, outputTokens: 0 }), true, 'of an answer without tokens'),
    row(signed({}, stranger), false, 'signed by another key than the worker it names'),
    row({ ...good, receipt: { ...receipt, outputTokens: 13 } }, false, 'altered after it was signed'),
    row(signed({ outputTokens: -1 }), false, 'negative tokens'),
    row(signed({ inputTokens: 1e15 }), false, 'more tokens than any model reads'),
    row(signed({ inputTokens: 1.5 }), false, 'half a token'),
    row(signed({ inputTokens: '31' }), false, 'a number as a string'),
    row(signed({ completedAt: T0 - 1 }), false, 'it ends before it starts'),
    row(signed({ version: 2 }), false, 'a version that is not known'),
    row(signed({ tip: 5 }), false, 'a member that the format does not have'),
    row(signed({ nonce: 'AB'.repeat(16) }), false, 'a nonce in upper case'),
    row(signed({ nonce: 'ab' }), false, 'a nonce of one byte'),
    row(signed({ workerPubkey: 'anonymous' }), false, 'a worker has a key'),
    row({ receipt: withoutNonce, signature: worker.sign(canonicalJson(withoutNonce)) }, false, 'without its nonce'),
    row({ receipt }, false, 'without a signature'),
    row(null, false, 'nothing'),
    row('receipt', false, 'a word'),
  ];
}

const orderFields: Omit<Order, 'type' | 'version' | 'requesterPubkey'> = {
  nonce: 'cd'.repeat(16),
  workerPubkey: worker.pubkey,
  model: 'llama3.2:3b',
  maxOutputTokens: 256,
  price: V1_PRICE,
  bodySha256: 'ef'.repeat(32),
  issuedAt: T0,
  deadline: T0 + 3600_000,
};

function orders() {
  const issued = issueOrder(orderFields, requester);
  const good = { order: issued.order, signature: issued.signature };
  const signed = (changes: object, signer = requester) => {
    const changed = { ...issued.order, ...changes };
    return { order: changed, signature: signer.sign(canonicalJson(changed)) };
  };
  const here = {
    workerPubkey: worker.pubkey,
    offer: V1_PRICE,
    model: 'llama3.2:3b',
    bodySha256: 'ef'.repeat(32),
    nowMs: T0,
  };
  const row = (value: unknown, valid: boolean, why: string) => ({ signed: value, valid, why });
  const judged = (changes: object, refusal: string, why: string) => ({
    signed: good,
    valid: true,
    here: { ...here, ...changes },
    refusal,
    why,
  });
  return [
    {
      ...row(good, true, 'an order; its job id is the SHA-256 of its canonical JSON'),
      jobId: issued.jobId,
      here,
      refusal: null,
    },
    judged({ workerPubkey: stranger.pubkey }, 'other_worker', 'taken by another worker'),
    judged({ nowMs: T0 + 300_001 }, 'stale', 'older than five minutes'),
    judged({ nowMs: T0 - 300_001 }, 'stale', 'more than five minutes in the future'),
    judged({ model: 'gemma3' }, 'other_model', 'the request asks for another model'),
    judged(
      { offer: { input: 1_000_001, output: 1 } },
      'price_below_offer',
      'it pays less for what is read than the worker asks',
    ),
    judged(
      { offer: { input: 1, output: 1_000_001 } },
      'price_below_offer',
      'it pays less for what is written than the worker asks',
    ),
    judged({ bodySha256: 'ee'.repeat(32) }, 'other_body', 'the body is not the one it was signed for'),
    {
      signed: signed({ deadline: T0 + 10 }),
      valid: true,
      here: { ...here, nowMs: T0 + 11 },
      refusal: 'expired',
      why: 'past its deadline',
    },
    row(signed({}, stranger), false, 'signed by another key than the requester it names'),
    row({ ...good, order: { ...issued.order, maxOutputTokens: 9 } }, false, 'altered after it was signed'),
    row(signed({ deadline: T0 - 1 }), false, 'a deadline before it was issued'),
    row(signed({ deadline: T0 + 24 * 3600_000 + 1 }), false, 'a deadline more than a day away'),
    row(signed({ price: { input: -1, output: 0 } }), false, 'a negative price'),
    row(signed({ price: { input: 0.5, output: 0 } }), false, 'a price that is no whole number of micro-credits'),
    row(signed({ maxOutputTokens: 0 }), false, 'for no token at all'),
    row(signed({ version: 2 }), false, 'a version that is not known'),
    row(signed({ type: 'order' }), false, 'another type'),
    row(signed({ memo: 'x' }), false, 'a member that the format does not have'),
    row(signed({ bodySha256: 'ef' }), false, 'a hash of one byte'),
    row({ order: issued.order }, false, 'without a signature'),
    row(null, false, 'nothing'),
  ];
}

function audits() {
  const { jobId, order, signature } = issueOrder(orderFields, requester);
  const delivered = { requestBytes: 200, messages: 1, answerBytes: 60, toolCalls: 0 };
  const asked = {
    workerPubkey: worker.pubkey,
    requesterPubkey: requester.pubkey,
    model: 'llama3.2:3b',
    maxOutputTokens: 256,
    delivered,
    nowMs: T0 + 1_000,
  };
  const answering = { ...receipt, jobId, nonce: order.nonce };
  const claim = (changes: object, signer = worker) => {
    const { receipt: signed, signature: proof } = issueReceipt({ ...answering, ...changes }, signer);
    return { receipt: signed, signature: proof };
  };
  const withOrder = (signed: unknown, dispute: string | null, why: string, changes: object = {}) => ({
    signed,
    order: { order, signature },
    asked: { ...asked, ...changes },
    dispute,
    why,
  });
  const v1 = (signed: unknown, dispute: string | null, why: string, changes: object = {}) => ({
    signed,
    order: null,
    asked: { ...asked, ...changes },
    dispute,
    why,
  });
  return [
    withOrder(claim({}), null, 'a receipt for the order that was placed'),
    withOrder(claim({}), null, 'also an hour later: with an order it is not held to five minutes', {
      nowMs: T0 + 3500_000,
    }),
    withOrder(claim({ jobId: '3f1c' }), 'other_job', 'for another order'),
    withOrder(claim({ nonce: 'ab'.repeat(16) }), 'other_nonce', 'with another nonce than the order'),
    withOrder(claim({ workerPubkey: stranger.pubkey }, stranger), 'other_worker', 'signed by another worker'),
    withOrder(claim({ requesterPubkey: stranger.pubkey }), 'other_requester', 'for another requester'),
    withOrder(claim({ model: 'gemma3' }), 'other_model', 'for another model'),
    withOrder(claim({ completedAt: T0 + 8 * 3600_000 }), 'stale', 'completed hours after the deadline'),
    withOrder(
      claim({ startedAt: T0 - 999_000, completedAt: T0 - 900_000 }),
      'stale',
      'completed before the order was placed',
    ),
    withOrder(claim({ outputTokens: 257 }), 'over_cap', 'for more than the order allowed'),
    withOrder(claim({ outputTokens: 200 }), 'inflated_output', 'for more tokens than bytes arrived'),
    withOrder(claim({ outputTokens: 60 }), null, 'one token a byte is the most there can be'),
    withOrder(claim({ inputTokens: 100_000 }), 'inflated_input', 'for more tokens than bytes were sent'),
    withOrder({ receipt: answering, signature: '00'.repeat(64) }, 'unreadable', 'a signature that is none'),
    withOrder('junk', 'unreadable', 'junk'),
    v1(claim({ jobId: 'any' }), null, 'a v1 worker chooses job id and nonce by itself'),
    v1(claim({ jobId: 'any' }), 'stale', 'without an order it has to be fresh', { nowMs: T0 + 301_001 }),
    v1(claim({ jobId: 'any' }), 'stale', 'and not from the future', { nowMs: T0 - 299_001 }),
  ];
}

function hellos() {
  const good = issueHello(worker.pubkey, T0, requester);
  const here = { workerPubkey: worker.pubkey, nowMs: T0 };
  return [
    { signed: good, here, key: requester.pubkey, why: 'a hello to this worker' },
    { signed: good, here: { ...here, workerPubkey: stranger.pubkey }, key: null, why: 'shown to another worker' },
    { signed: good, here: { ...here, nowMs: T0 + 300_001 }, key: null, why: 'older than five minutes' },
    {
      signed: { ...good, signature: stranger.sign(canonicalJson(good.hello)) },
      here,
      key: null,
      why: 'signed by another key',
    },
    {
      signed: { hello: { ...good.hello, extra: 1 }, signature: good.signature },
      here,
      key: null,
      why: 'a member that the format does not have',
    },
    { signed: null, here, key: null, why: 'nothing' },
  ];
}

function headers() {
  return [
    { header: encodeHeaderJson({ a: 'ü' }), value: { a: 'ü' }, valid: true, why: 'base64 of the UTF-8 bytes of JSON' },
    { header: 'e30', value: {}, valid: true, why: 'padding may be left out' },
    { header: Buffer.from('{"a":').toString('base64'), valid: false, why: 'broken JSON' },
    { header: '{"a":1}', valid: false, why: 'JSON without base64' },
    { header: '', valid: false, why: 'empty' },
  ];
}
