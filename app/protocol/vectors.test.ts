import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'prettier';
import { describe, expect, it } from 'vitest';
import { makeVectors } from '../../tools/vectors.ts';
import { judgeAge, judgeUnannounceAge, verifyAnnouncement, verifyUnannounce } from './announcement.ts';
import { auditReceipt } from './audit.ts';
import { canonicalJson } from './canonical-json.ts';
import { verifySignaturePortable } from './ed25519-portable.ts';
import { verifySignature } from './ed25519.ts';
import { decodeHeaderJson } from './headers.ts';
import { verifyHello } from './hello.ts';
import { judgeInvite, parseInvite, verifyInvite, type Invite } from './invite.ts';
import { judgeOrder, verifyOrder } from './order.ts';
import { parsePubkey, type Pubkey } from './pubkey.ts';
import { verifyReceipt } from './receipt.ts';
import { provesSecret, verifyRedeem } from './redeem.ts';

const read = <Row extends { why: string }>(name: string): Row[] =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'vectors', `${name}.json`), 'utf8')) as Row[];

it('the vectors are what tools/make-vectors.ts makes', async () => {
  for (const [name, made] of Object.entries(makeVectors())) {
    const text = await format(JSON.stringify(made), { parser: 'json', printWidth: 120 });
    expect(readFileSync(join(import.meta.dirname, 'vectors', `${name}.json`), 'utf8')).toBe(text);
  }
});

describe('keys', () => {
  it.each(read<{ text: string; valid: boolean; why: string }>('keys'))('$why', ({ text, valid }) => {
    expect(parsePubkey(text) !== undefined).toBe(valid);
  });
});

describe('canonical JSON', () => {
  it.each(read<{ value: unknown; text: string; why: string }>('canonical-json'))('$why', ({ value, text }) => {
    expect(canonicalJson(value)).toBe(text);
    expect(canonicalJson(JSON.parse(text))).toBe(text);
  });
});

interface SignatureRow {
  message: string;
  publicKey: Pubkey;
  signature: string;
  valid: boolean;
  why: string;
}

describe('signatures, by both implementations', () => {
  it.each(read<SignatureRow>('signatures'))('$why ($valid)', ({ message, publicKey, signature, valid }) => {
    expect(verifySignature(message, signature, publicKey)).toBe(valid);
    expect(verifySignaturePortable(message, signature, publicKey)).toBe(valid);
  });
});

describe('receipts', () => {
  it.each(read<{ signed: unknown; valid: boolean; why: string }>('receipts'))('$why', ({ signed, valid }) => {
    expect(verifyReceipt(signed) !== undefined).toBe(valid);
  });
});

interface OrderRow {
  signed: unknown;
  valid: boolean;
  jobId?: string;
  here?: Parameters<typeof judgeOrder>[1];
  refusal?: string | null;
  why: string;
}

describe('orders', () => {
  it.each(read<OrderRow>('orders'))('$why', ({ signed, valid, jobId, here, refusal }) => {
    const order = verifyOrder(signed);
    expect(order !== undefined).toBe(valid);
    if (jobId) expect(order?.jobId).toBe(jobId);
    if (order && here) expect(judgeOrder(order, here) ?? null).toBe(refusal);
  });
});

interface AuditRow {
  signed: unknown;
  order: unknown;
  asked: Omit<Parameters<typeof auditReceipt>[1], 'order'>;
  dispute: string | null;
  why: string;
}

describe('audits', () => {
  it.each(read<AuditRow>('audits'))('$why', ({ signed, order, asked, dispute }) => {
    const audit = auditReceipt(signed, { ...asked, order: order === null ? undefined : verifyOrder(order) });
    expect(audit.ok ? null : audit.dispute).toBe(dispute);
  });
  it('an answer without a receipt is disputed as missing', () => {
    const [row] = read<AuditRow>('audits');
    expect(auditReceipt(undefined, { ...row!.asked, order: undefined })).toMatchObject({
      ok: false,
      dispute: 'missing',
    });
  });
});

interface HelloRow {
  signed: unknown;
  here: Parameters<typeof verifyHello>[1];
  key: string | null;
  why: string;
}

describe('hellos', () => {
  it.each(read<HelloRow>('hellos'))('$why', ({ signed, here, key }) => {
    expect(verifyHello(signed, here) ?? null).toBe(key);
  });
});

describe('headers', () => {
  it.each(read<{ header: string; value?: unknown; valid: boolean; why: string }>('headers'))(
    '$why',
    ({ header, value, valid }) => {
      expect(decodeHeaderJson(header)).toEqual(valid ? value : undefined);
    },
  );
});

interface AgedRow {
  signed: unknown;
  valid: boolean;
  nowMs?: number;
  age?: string | null;
  why: string;
}

describe('announcements', () => {
  it.each(read<AgedRow>('announcements'))('$why', ({ signed, valid, nowMs, age }) => {
    const verified = verifyAnnouncement(signed);
    expect(verified !== undefined).toBe(valid);
    if (verified && nowMs !== undefined) expect(judgeAge(verified.announcement, nowMs) ?? null).toBe(age);
  });
});

describe('unannounces', () => {
  it.each(read<AgedRow>('unannounces'))('$why', ({ signed, valid, nowMs, age }) => {
    const verified = verifyUnannounce(signed);
    expect(verified !== undefined).toBe(valid);
    if (verified && nowMs !== undefined) expect(judgeUnannounceAge(verified.timestamp, nowMs) ?? null).toBe(age);
  });
});

interface InviteRow {
  text: unknown;
  valid: boolean;
  invite?: Invite;
  here?: Parameters<typeof judgeInvite>[1];
  refusal?: string | null;
  why: string;
}

describe('invites', () => {
  it.each(read<InviteRow>('invites'))('$why', ({ text, valid, invite, here, refusal }) => {
    const verified = verifyInvite(text);
    expect(verified !== undefined).toBe(valid);
    if (invite) expect(parseInvite(text)?.invite).toEqual(invite);
    if (verified && here) expect(judgeInvite(verified, here) ?? null).toBe(refusal);
  });
});

interface RedeemRow {
  signed: unknown;
  here: Parameters<typeof verifyRedeem>[1];
  secretHash: string;
  valid: boolean;
  proves: boolean;
  why: string;
}

describe('redeeming', () => {
  it.each(read<RedeemRow>('redeems'))('$why', ({ signed, here, secretHash, valid, proves }) => {
    const verified = verifyRedeem(signed, here);
    expect(verified !== undefined).toBe(valid);
    if (verified) expect(provesSecret(verified, secretHash)).toBe(proves);
  });
});
