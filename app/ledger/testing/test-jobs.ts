import { auditReceipt, type AuditedReceipt } from '../../protocol/audit.ts';
import { createSigner, sha256Hex, type Signer } from '../../protocol/ed25519.ts';
import { issueOrder, type VerifiedOrder } from '../../protocol/order.ts';
import type { Price } from '../../protocol/price.ts';
import type { Pubkey } from '../../protocol/pubkey.ts';
import { issueReceipt, type VerifiedReceipt } from '../../protocol/receipt.ts';

/** Noon of 2026-03-01, UTC. */
export const NOON_MS = Date.UTC(2026, 2, 1, 12);
export const utcDay = (ms: number) => new Date(ms).toISOString().slice(0, 10);

/** The same key for the same number, in every process. */
export function testSigner(number: number): Signer {
  return createSigner(new Uint8Array(32).fill(number));
}
export const OWN = testSigner(1);
export const ALICE = testSigner(2);
export const BOB = testSigner(3);

export interface JobInput {
  readonly worker: Signer;
  readonly requester: Signer;
  /** the nonce follows from it */
  readonly number: number;
  readonly price?: Price;
  readonly model?: string;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly atMs?: number;
}

export function testNonce(number: number): string {
  return sha256Hex(`nonce ${number}`).slice(0, 32);
}

/** By default 10 + 20 tokens for 1 and 2 micro-credits each: 50. */
export function testOrder(job: JobInput): VerifiedOrder {
  const issuedAt = job.atMs ?? NOON_MS;
  return issueOrder(
    {
      nonce: testNonce(job.number),
      workerPubkey: job.worker.pubkey,
      model: job.model ?? 'llama3.2',
      maxOutputTokens: 100_000,
      price: job.price ?? { input: 1, output: 2 },
      bodySha256: sha256Hex('body'),
      issuedAt,
      deadline: issuedAt + 60_000,
    },
    job.requester,
  );
}

/** `jobId` of the order, or of its own when there is none. `requester`: what the receipt says, proven or not. */
export function testReceipt(
  job: Omit<JobInput, 'requester'>,
  requester: Pubkey | 'anonymous',
  jobId: string,
): VerifiedReceipt {
  const completedAt = job.atMs ?? NOON_MS;
  return issueReceipt(
    {
      version: 1,
      jobId,
      nonce: testNonce(job.number),
      requesterPubkey: requester,
      workerPubkey: job.worker.pubkey,
      model: job.model ?? 'llama3.2',
      inputTokens: job.inputTokens ?? 10,
      outputTokens: job.outputTokens ?? 20,
      startedAt: completedAt - 1_000,
      completedAt,
    },
    job.worker,
  );
}

export function testJob(job: JobInput): { order: VerifiedOrder; receipt: VerifiedReceipt } {
  const order = testOrder(job);
  return { order, receipt: testReceipt(job, job.requester.pubkey, order.jobId) };
}

/** As the router does it: the receipt goes through the audit. */
export function audited(receipt: VerifiedReceipt, order: VerifiedOrder | undefined): AuditedReceipt {
  const { workerPubkey, model, completedAt } = receipt.receipt;
  const audit = auditReceipt(
    { receipt: receipt.receipt, signature: receipt.signature },
    {
      workerPubkey,
      requesterPubkey: receipt.receipt.requesterPubkey as Pubkey,
      model,
      order,
      maxOutputTokens: 100_000,
      delivered: { requestBytes: 1_000_000, messages: 1, answerBytes: 1_000_000, toolCalls: 0 },
      nowMs: completedAt,
    },
  );
  if (!audit.ok) throw new Error(`the receipt of a test is disputed: ${audit.dispute}`);
  return audit.receipt;
}
