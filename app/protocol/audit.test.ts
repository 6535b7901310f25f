import { describe, expect, it } from 'vitest';
import { auditReceipt, inFlightBytes } from './audit.ts';
import { createSigner } from './ed25519.ts';
import { issueReceipt } from './receipt.ts';

describe('what may have been in flight when an answer was cut', () => {
  it('is a second of the answer at its own speed, never more than came, and a burst', () => {
    expect(inFlightBytes(0, 0)).toBe(256);
    expect(inFlightBytes(1_000, 10_000)).toBe(256 + 100);
    expect(inFlightBytes(1_000, 10)).toBe(256 + 1_000);
  });

  it('is allowed for a cut answer, and for no other', () => {
    const [worker, requester] = [1, 2].map((number) => createSigner(new Uint8Array(32).fill(number)));
    const audit = (outputTokens: number, inFlight?: number) => {
      const { receipt, signature } = issueReceipt(
        {
          version: 1,
          jobId: 'job',
          nonce: 'a'.repeat(32),
          requesterPubkey: requester!.pubkey,
          workerPubkey: worker!.pubkey,
          model: 'm',
          inputTokens: 5,
          outputTokens,
          startedAt: 1_000,
          completedAt: 2_000,
        },
        worker!,
      );
      const verdict = auditReceipt(
        { receipt, signature },
        {
          workerPubkey: worker!.pubkey,
          requesterPubkey: requester!.pubkey,
          model: 'm',
          order: undefined,
          maxOutputTokens: 10_000,
          delivered: {
            requestBytes: 100,
            messages: 1,
            answerBytes: 400,
            toolCalls: 0,
            ...(inFlight === undefined ? {} : { inFlightBytes: inFlight }),
          },
          nowMs: 2_000,
        },
      );
      return verdict.ok ? 'ok' : verdict.dispute;
    };
    expect([audit(432), audit(433)]).toEqual(['ok', 'inflated_output']);
    const tolerance = inFlightBytes(400, 4_000);
    expect([audit(432 + tolerance, tolerance), audit(433 + tolerance, tolerance)]).toEqual(['ok', 'inflated_output']);
  });
});
