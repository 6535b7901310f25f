import type { Pubkey } from '../protocol/pubkey.ts';

/** Handed to a thread of the ledger when it starts: which of its works it is to do. One script does all, so that a bundle has one. */
export type ThreadStart =
  | { readonly work: 'write'; readonly file: string }
  | { readonly work: 'look'; readonly file: string }
  | { readonly work: 'verify'; readonly file: string; readonly ownPubkey: Pubkey; readonly signatures: boolean }
  | { readonly work: 'copy'; readonly file: string; readonly target: string };
