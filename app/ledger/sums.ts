import type { WritableDatabase } from '../store/driver.ts';
import type { NewEntry } from './new-entry.ts';

/** The tables that hold sums of entries and postings. All change in the transaction of the entry; `audit.ts` recomputes them. */
export interface Sums {
  balance(account: string, amountMicro: number): void;
  tab(entry: NewEntry): void;
  day(entry: NewEntry): void;
  gift(day: string, giftMicro: number): void;
}

export function prepareSums(db: WritableDatabase): Sums {
  const balance = db.prepare(`
    INSERT INTO balances (account, balance_micro) VALUES (?, ?)
    ON CONFLICT (account) DO UPDATE SET balance_micro = balance_micro + excluded.balance_micro`);
  const tab = db.prepare(`
    INSERT INTO tabs (peer, earned_micro, spent_micro, earned_tokens, spent_tokens, last_at_ms)
    VALUES (@peer, @earnedMicro, @spentMicro, @earnedTokens, @spentTokens, @atMs)
    ON CONFLICT (peer) DO UPDATE SET
      earned_micro = earned_micro + excluded.earned_micro, spent_micro = spent_micro + excluded.spent_micro,
      earned_tokens = earned_tokens + excluded.earned_tokens, spent_tokens = spent_tokens + excluded.spent_tokens,
      last_at_ms = max(last_at_ms, excluded.last_at_ms)`);
  const day = db.prepare(`
    INSERT INTO days (day, peer, model, kind, jobs, input_tokens, output_tokens, amount_micro)
    VALUES (@day, @peer, @model, @kind, 1, @inputTokens, @outputTokens, @amountMicro)
    ON CONFLICT (day, peer, model, kind) DO UPDATE SET
      jobs = jobs + 1, input_tokens = input_tokens + excluded.input_tokens,
      output_tokens = output_tokens + excluded.output_tokens, amount_micro = amount_micro + excluded.amount_micro`);
  const gift = db.prepare(`
    INSERT INTO gifts (day, used_micro) VALUES (?, ?)
    ON CONFLICT (day) DO UPDATE SET used_micro = used_micro + excluded.used_micro`);

  return {
    balance: (account, amountMicro) => void balance.run(account, amountMicro),
    tab({ kind, peer, amountMicro, inputTokens, outputTokens, completedAtMs }) {
      if (kind !== 'served' && kind !== 'asked') return;
      const served = kind === 'served';
      const tokens = inputTokens + outputTokens;
      tab.run({
        peer,
        earnedMicro: served ? amountMicro : 0,
        spentMicro: served ? 0 : amountMicro,
        earnedTokens: served ? tokens : 0,
        spentTokens: served ? 0 : tokens,
        atMs: completedAtMs,
      });
    },
    day({ day: on, peer, model, kind, amountMicro, ...tokens }) {
      // What a disputed receipt claims is no fact: the job counts, its tokens do not.
      const { inputTokens, outputTokens } = kind === 'disputed' ? { inputTokens: 0, outputTokens: 0 } : tokens;
      day.run({ day: on, peer, model, kind, inputTokens, outputTokens, amountMicro });
    },
    gift(on, giftMicro) {
      if (giftMicro > 0) gift.run(on, giftMicro);
    },
  };
}
