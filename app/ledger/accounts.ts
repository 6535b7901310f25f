import type { Pubkey } from '../protocol/pubkey.ts';
import type { EntryKind } from './ledger.ts';

/**
 * The accounts, all in micro-credits. Every entry moves one amount from one account to another, so its postings sum to zero,
 * and so do all balances together.
 *
 * | kind     | account          | posting | its balance says                                            |
 * | -------- | ---------------- | ------- | ----------------------------------------------------------- |
 * | served   | `tab:<asker>`    | +x      | what this key owes us; below zero: what we owe it           |
 * |          | `earned`         | -x      | minus all we earned                                         |
 * | asked    | `tab:<worker>`   | -x      | as above                                                    |
 * |          | `spent`          | +x      | all we spent                                                |
 * | given    | `given`          | +x      | all we gave to people without a proven key; nobody owes it  |
 * |          | `given:supply`   | -x      | the other side of it                                        |
 * | own      | none             |         | own use costs nothing; it is counted in jobs and tokens     |
 * | disputed | none             |         | costs nothing                                               |
 */
export type Account = `tab:${Pubkey}` | 'earned' | 'spent' | 'given' | 'given:supply';

export interface Posting {
  readonly account: Account;
  readonly amountMicro: number;
}

export function tabAccount(peer: Pubkey): Account {
  return `tab:${peer}`;
}

/** The kinds that move an amount, and so have exactly two postings. `audit.ts` holds every entry to this list. */
export const POSTED_KINDS = ['served', 'asked', 'given'] as const satisfies readonly EntryKind[];

/** `peer`: the proven other side, see NewEntry. */
export function postingsOf(entry: { kind: EntryKind; peer: Pubkey | 'anonymous'; amountMicro: number }): Posting[] {
  const { kind, amountMicro } = entry;
  switch (kind) {
    case 'served':
      return move(amountMicro, 'earned', tabAccount(entry.peer as Pubkey));
    case 'asked':
      return move(amountMicro, tabAccount(entry.peer as Pubkey), 'spent');
    case 'given':
      return move(amountMicro, 'given:supply', 'given');
    case 'own':
    case 'disputed':
      return [];
  }
}

function move(amountMicro: number, from: Account, to: Account): Posting[] {
  return [
    { account: to, amountMicro },
    // 0 - 0 and not -0: SQLite would store a minus zero as a real number.
    { account: from, amountMicro: 0 - amountMicro },
  ];
}
