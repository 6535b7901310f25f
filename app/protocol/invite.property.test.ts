import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSigner } from './ed25519.ts';
import { formatInvite, hashOfSecret, issueInvite, parseInvite, verifyInvite } from './invite.ts';
import { issueRedeem, issueRedeemAnswer, provesSecret, verifyRedeem, verifyRedeemAnswer } from './redeem.ts';

const maker = createSigner(Buffer.alloc(32, 7));
const guest = createSigner(Buffer.alloc(32, 8));
const hex = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('hex'));
const label = fc.stringMatching(/^[\p{L}\p{N} .,'&=?+%#-]{0,20}$/u);
const address = fc.constantFrom('http://a:1', 'https://mac.example', `iroh:${'ab'.repeat(32)}`, 'http://[::1]:17474');
const fields = fc.record({
  circle: fc.constantFrom('friend' as const, 'device' as const),
  addresses: fc.array(address, { maxLength: 4 }),
  label,
  inviteId: hex,
  secret: hex,
  expiresAt: fc.integer({ min: 0, max: 9_000_000_000_000 }),
});

describe('an invite link', () => {
  it('says to its reader what its maker said', () => {
    fc.assert(
      fc.property(fields, (made) => {
        const invite = issueInvite(made, maker);
        expect(verifyInvite(formatInvite(invite))).toEqual(invite);
      }),
    );
  });

  it('is refused when one character of it is another', () => {
    const link = formatInvite(
      issueInvite(
        {
          circle: 'friend',
          addresses: ['http://a:1'],
          label: 'A',
          inviteId: '1'.repeat(32),
          secret: '2'.repeat(32),
          expiresAt: 5,
        },
        maker,
      ),
    );
    fc.assert(
      fc.property(fc.nat(link.length - 1), fc.constantFrom('0', 'a', '9', '%', '&', '='), (at, character) => {
        const changed = link.slice(0, at) + character + link.slice(at + 1);
        fc.pre(changed !== link);
        expect(verifyInvite(changed)).toBeUndefined();
      }),
    );
  });

  it('of junk is none, and never makes a reader throw', () => {
    const part = fc.tuple(
      fc.constantFrom('v', 'as', 'key', 'at', 'label', 'id', 'secret', 'until', 'sig', 'x'),
      fc.string(),
    );
    const lookalike = fc
      .array(part, { maxLength: 12 })
      .map((parts) => `lobstah:invite?${parts.map(([name, value]) => `${name}=${value}`).join('&')}`);
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.string({ unit: 'binary' }), lookalike), (input) => {
        parseInvite(input);
        expect(verifyInvite(input)).toBeUndefined();
      }),
    );
  });
});

describe('redeeming', () => {
  const nowMs = 1_000_000;
  const here = { inviterPubkey: maker.pubkey, nowMs };

  it('proves the secret for one key and one invite only, and its answer answers nothing else', () => {
    fc.assert(
      fc.property(fields, hex, ({ circle, addresses, label: name, inviteId, secret }, other) => {
        fc.pre(other !== secret);
        const asked = { circle, addresses, label: name, inviteId, inviterPubkey: maker.pubkey, issuedAt: nowMs };
        const sent = issueRedeem(asked, hashOfSecret(secret), guest);
        const redeem = verifyRedeem(JSON.parse(JSON.stringify(sent)), here);
        if (!redeem) throw new Error('not verified');
        expect([provesSecret(redeem, hashOfSecret(secret)), provesSecret(redeem, hashOfSecret(other))]).toEqual([
          true,
          false,
        ]);
        const answer = issueRedeemAnswer(redeem, 'accepted', maker);
        expect(verifyRedeemAnswer(answer, sent)).toBe('accepted');
        expect(verifyRedeemAnswer(answer, issueRedeem({ ...asked, issuedAt: nowMs + 1 }, 'ab', guest))).toBeUndefined();
        expect(verifyRedeemAnswer(issueRedeemAnswer(redeem, 'accepted', guest), sent)).toBeUndefined();
      }),
      { numRuns: 50 },
    );
  });

  it('with junk is refused without a throw', () => {
    const lookalike = fc.record({
      redeem: fc.dictionary(fc.constantFrom('type', 'version', 'circle', 'inviteId', 'issuedAt'), fc.jsonValue()),
      proof: fc.string(),
      signature: fc.string(),
    });
    const sent = issueRedeem(
      {
        circle: 'friend',
        addresses: [],
        label: '',
        inviteId: '1'.repeat(32),
        inviterPubkey: maker.pubkey,
        issuedAt: 0,
      },
      'ab',
      guest,
    );
    fc.assert(
      fc.property(fc.oneof(fc.anything(), lookalike), (input) => {
        expect(verifyRedeem(input, here)).toBeUndefined();
        expect(verifyRedeemAnswer(input, sent)).toBeUndefined();
      }),
    );
  });
});
