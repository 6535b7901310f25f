import type { Dispute } from '../protocol/audit.ts';

const SENTENCES: Record<Dispute, string> = {
  missing: 'The peer sent no receipt.',
  unreadable: 'The receipt cannot be read, claims impossible numbers, or its signature is wrong.',
  other_worker: 'The receipt is signed by another key than the peer that was asked.',
  other_requester: 'The receipt names another requester.',
  other_job: 'The receipt is for another order.',
  other_nonce: 'The receipt carries another nonce than the order.',
  other_model: 'The receipt names another model than was asked for.',
  stale: 'The receipt is too old, or comes from the future.',
  over_cap: 'The receipt claims more tokens than the order allowed.',
  inflated_output: 'The receipt claims more output tokens than arrived.',
  inflated_input: 'The receipt claims more input tokens than were sent.',
};

export function disputeSentence(dispute: Dispute): string {
  return SENTENCES[dispute];
}
