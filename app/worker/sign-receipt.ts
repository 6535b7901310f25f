import { issueReceipt, type VerifiedReceipt } from '../protocol/receipt.ts';
import type { Asker } from './asker.ts';
import type { WorkerDeps } from './worker-deps.ts';

/** What this worker says it did, and for whom. It ends now. */
export function signReceipt(
  job: {
    readonly asker: Asker;
    readonly jobId: string;
    readonly nonce: string;
    readonly model: string;
    readonly startedAtMs: number;
  },
  tokens: { readonly inputTokens: number; readonly outputTokens: number },
  { signer, nowMs }: Pick<WorkerDeps, 'signer' | 'nowMs'>,
): VerifiedReceipt {
  const { asker, jobId, nonce, model, startedAtMs } = job;
  return issueReceipt(
    {
      version: 1,
      jobId,
      nonce,
      requesterPubkey: asker.kind === 'unsigned' ? asker.claimed : asker.pubkey,
      workerPubkey: signer.pubkey,
      model,
      inputTokens: tokens.inputTokens,
      outputTokens: tokens.outputTokens,
      startedAt: startedAtMs,
      completedAt: Math.max(startedAtMs, nowMs()),
    },
    signer,
  );
}
