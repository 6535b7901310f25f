import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  clampTtlSeconds,
  issueAnnouncement,
  issueUnannounce,
  judgeAge,
  verifyAnnouncement,
  verifyUnannounce,
} from './announcement.ts';
import { canonicalJson } from './canonical-json.ts';
import { parseCapacity } from './capacity.ts';
import { estimateInputTokens, parseChatRequest } from './chat.ts';
import { verifySignaturePortable } from './ed25519-portable.ts';
import { createSigner, verifySignature } from './ed25519.ts';
import { GridError } from './errors.ts';
import { decodeHeaderJson, encodeHeaderJson } from './headers.ts';
import { verifyHello } from './hello.ts';
import { createIdentity, parseIdentity } from './identity.ts';
import { issueOrder, verifyOrder } from './order.ts';
import { costMicro, MAX_PRICE, MAX_TOKENS_PER_JOB } from './price.ts';
import { parsePubkey } from './pubkey.ts';
import { issueReceipt, verifyReceipt } from './receipt.ts';

const signer = createSigner(Buffer.alloc(32, 7));

/** Junk that looks like the real thing: its member names with values of any kind. */
const lookalike = (...names: string[]) =>
  fc.dictionary(
    fc.constantFrom(...names),
    fc.oneof(fc.jsonValue(), fc.constantFrom(signer.pubkey, 'ab'.repeat(16), 1, -1)),
  );
const junk = fc.oneof(
  fc.jsonValue(),
  fc.record({
    receipt: lookalike('version', 'jobId', 'nonce', 'workerPubkey', 'requesterPubkey', 'inputTokens', 'completedAt'),
    signature: fc.string(),
  }),
  fc.record({ order: lookalike('type', 'version', 'nonce', 'price', 'deadline', 'issuedAt'), signature: fc.string() }),
  fc.record({ hello: lookalike('type', 'version', 'workerPubkey', 'issuedAt'), signature: fc.string() }),
  fc.record({
    announcement: lookalike('version', 'pubkey', 'url', 'label', 'models', 'tier', 'ttlSeconds', 'announcedAt'),
    signature: fc.string(),
  }),
  lookalike('pubkey', 'timestamp', 'signature'),
  lookalike('pubkey', 'models', 'tier', 'offers', 'order', 'sharing', 'version', 'publicKey', 'secretKey'),
);

describe('junk', () => {
  it('is refused by every parser, and never makes one throw', () => {
    fc.assert(
      fc.property(junk, (input) => {
        expect(verifyReceipt(input)).toBeUndefined();
        expect(verifyOrder(input)).toBeUndefined();
        expect(verifyHello(input, { workerPubkey: signer.pubkey, nowMs: 0 })).toBeUndefined();
        expect(verifyAnnouncement(input)).toBeUndefined();
        expect(verifyUnannounce(input)).toBeUndefined();
        parseCapacity(input);
        parseIdentity(input, randomBytes);
        parsePubkey(input);
      }),
      { numRuns: 500 },
    );
  });

  it('in a signature or a header is no signature and no header', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(verifySignature('m', text, signer.pubkey)).toBe(false);
        expect(verifySignaturePortable('m', text, signer.pubkey)).toBe(false);
        decodeHeaderJson(text);
      }),
    );
  });

  it('as a chat request is a GridError that names a field, never anything else', () => {
    const request = lookalike('model', 'messages', 'stream', 'tools', 'n', 'max_tokens', 'stop', 'response_format');
    fc.assert(
      fc.property(fc.oneof(junk, request), (input) => {
        try {
          estimateInputTokens(parseChatRequest(input));
        } catch (error) {
          expect(error).toBeInstanceOf(GridError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('an order and a receipt', () => {
  const nonce = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('hex'));
  const fields = fc.record({
    nonce,
    model: fc.string({ minLength: 1, maxLength: 40 }),
    price: fc.record({ input: fc.nat(MAX_PRICE), output: fc.nat(MAX_PRICE) }),
    maxOutputTokens: fc.integer({ min: 1, max: 1_000_000 }),
    issuedAt: fc.nat(2 ** 31),
    tokens: fc.nat(1_000_000),
  });

  it('of any content are verified after any journey as JSON, and not when anything in them is changed', () => {
    fc.assert(
      fc.property(fields, fc.nat(), ({ tokens, ...terms }, place) => {
        const rest = { workerPubkey: signer.pubkey, bodySha256: 'ab'.repeat(32), deadline: terms.issuedAt + 1_000 };
        const order = issueOrder({ ...terms, ...rest }, signer);
        const receipt = issueReceipt(
          {
            version: 1,
            jobId: order.jobId,
            nonce: terms.nonce,
            requesterPubkey: signer.pubkey,
            workerPubkey: signer.pubkey,
            model: terms.model,
            inputTokens: tokens,
            outputTokens: tokens,
            startedAt: terms.issuedAt,
            completedAt: terms.issuedAt,
          },
          signer,
        );
        expect(verifyOrder(JSON.parse(JSON.stringify(order)))?.jobId).toBe(order.jobId);
        expect(verifyReceipt(JSON.parse(JSON.stringify(receipt)))?.receipt).toEqual(receipt.receipt);
        const names = Object.keys(order.order);
        const name = names[place % names.length] ?? '';
        const { [name]: value, ...others } = order.order as unknown as Record<string, unknown>;
        for (const changed of [
          others,
          { ...others, [name]: typeof value === 'number' ? value + 1 : [value] },
          { ...order.order, more: 1 },
        ])
          expect(verifyOrder({ order: changed, signature: order.signature })).toBeUndefined();
        expect(
          verifyReceipt({ ...receipt, receipt: { ...receipt.receipt, outputTokens: tokens + 1 } }),
        ).toBeUndefined();
        expect(verifyReceipt({ ...receipt, signature: order.signature })).toBeUndefined();
      }),
    );
  });
});

describe('canonical JSON', () => {
  it('does not depend on the order of keys, and says the same as the value', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        expect(canonicalJson(reversed)).toBe(canonicalJson(value));
        // JSON has no minus zero.
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
  it('of what it says itself is the same again, and differs where values differ', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const text = canonicalJson(a);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
        expect(text === canonicalJson(b)).toBe(isDeepStrictEqual(JSON.parse(text), JSON.parse(JSON.stringify(b))));
      }),
    );
  });
  it.each([[Number.NaN], [Infinity], [() => 1], [Symbol('x')], [1n], [undefined], [[undefined]]])(
    'refuses %s',
    (value) => {
      expect(() => canonicalJson(value)).toThrow(TypeError);
    },
  );
});

describe('both implementations of Ed25519', () => {
  it('agree on whatever is signed, and on whatever is changed in it', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(127), fc.boolean(), (message, place, change) => {
        const signature = signer.sign(message);
        const digit = change
          ? ((parseInt(signature[place] ?? '0', 16) + 1) % 16).toString(16)
          : (signature[place] ?? '');
        const shown = signature.slice(0, place) + digit + signature.slice(place + 1);
        const answers = [
          verifySignature(message, shown, signer.pubkey),
          verifySignaturePortable(message, shown, signer.pubkey),
        ];
        expect(answers).toEqual([!change, !change]);
      }),
      { numRuns: 30 },
    );
  });
});

describe('headers', () => {
  it('carry any JSON there and back', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(decodeHeaderJson(encodeHeaderJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
  it('beyond 16 kB are not looked at', () => {
    expect(decodeHeaderJson(encodeHeaderJson('x'.repeat(20_000)))).toBeUndefined();
  });
});

describe('an identity', () => {
  const identity = createIdentity(randomBytes);
  it('is read back as it was written', () => {
    expect(parseIdentity(JSON.parse(JSON.stringify(identity)), randomBytes)).toEqual({ identity, migrated: false });
  });
  it('of version 1 keeps its keys and gets those for Nostr', () => {
    const { publicKey, secretKey } = identity;
    const parsed = parseIdentity({ version: 1, publicKey, secretKey }, randomBytes);
    expect(parsed).toMatchObject({ migrated: true, identity: { version: 2, publicKey, secretKey } });
  });
  it.each([
    ['a foreign public key', { ...identity, publicKey: signer.pubkey }, /does not belong/],
    ['a newer version', { ...identity, version: 3 }, /version 3/],
    ['a short secret', { ...identity, secretKey: 'ab' }, /secretKey/],
  ])('with %s is refused', (_name, file, problem) => {
    expect(parseIdentity(file, randomBytes)).toEqual({ problem: expect.stringMatching(problem) as string });
  });
});

it('the largest cost there can be is a safe integer', () => {
  const price = { input: MAX_PRICE, output: MAX_PRICE };
  expect(
    Number.isSafeInteger(costMicro(price, { inputTokens: MAX_TOKENS_PER_JOB, outputTokens: MAX_TOKENS_PER_JOB })),
  ).toBe(true);
});

describe('announcements', () => {
  const fields = fc.record({
    url: fc.webUrl({ validSchemes: ['http', 'https'] }),
    label: fc.string({ maxLength: 120 }),
    models: fc.array(fc.string({ minLength: 1, maxLength: 40 }), { maxLength: 20 }),
    tier: fc.constantFrom('interactive' as const, 'batch' as const, 'best-effort' as const),
    ttlSeconds: fc.nat(100_000),
    announcedAt: fc.nat(2_000_000_000),
  });
  it('that were issued are verified after a journey as JSON, and not with any byte changed', () => {
    fc.assert(
      fc.property(fields, fc.nat(), (announced, place) => {
        const text = JSON.stringify(issueAnnouncement(announced, signer));
        const shown = JSON.parse(text) as ReturnType<typeof issueAnnouncement>;
        expect(verifyAnnouncement(shown)).toEqual(shown);
        const at = place % shown.announcement.url.length;
        const url = `${shown.announcement.url.slice(0, at)}~${shown.announcement.url.slice(at + 1)}`;
        if (url !== shown.announcement.url)
          expect(verifyAnnouncement({ ...shown, announcement: { ...shown.announcement, url } })).toBeUndefined();
      }),
      { numRuns: 50 },
    );
  });
  it('are never fresh for longer than an hour, nor for less than thirty seconds', () => {
    fc.assert(
      fc.property(fc.nat(31_536_000), fc.nat(10_000_000), (ttlSeconds, ageMs) => {
        const age = judgeAge({ ttlSeconds, announcedAt: 10_000_000 }, 10_000_000 + ageMs);
        if (ageMs > 3_600_000) expect(age).toBe('stale');
        if (ageMs <= 30_000) expect(age).toBeUndefined();
        expect(age === undefined).toBe(ageMs <= clampTtlSeconds(ttlSeconds) * 1000);
      }),
    );
  });
  it('an unannounce is for one moment and one key', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (one, other) => {
        const issued = { ...issueUnannounce(one, signer) };
        expect(verifyUnannounce(issued)).toBeDefined();
        expect(verifyUnannounce({ ...issued, timestamp: other }) !== undefined).toBe(one === other);
      }),
      { numRuns: 50 },
    );
  });
});
