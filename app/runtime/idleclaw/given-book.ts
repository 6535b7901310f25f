import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { GivenTokens } from '../../idleclaw/node/giving.ts';
import { localDay } from '../../ledger/local-day.ts';
import { writePrivateFile } from '../write-file.ts';

/** A count is not worth a write for each answer; what a killed process did in the last seconds is not counted. */
const SAVE_AFTER_MS = 5_000;
/** As far as the overview looks back. */
const KEPT_DAYS = 366;

const sumSchema = z.object({ requests: z.int().min(0), inputTokens: z.int().min(0), outputTokens: z.int().min(0) });
const bookSchema = z.object({
  version: z.literal(1),
  /** 'YYYY-MM-DD' */
  days: z.record(z.string(), sumSchema),
  servers: z.record(z.string(), sumSchema),
});

export type GivenSum = z.infer<typeof sumSchema>;
const NOTHING: GivenSum = { requests: 0, inputTokens: 0, outputTokens: 0 };

/**
 * What this machine gave away over IdleClaw. It stands beside the ledger, not in it: nobody signed for it, so it is nobody's
 * debt and no credit can come of it.
 */
export interface GivenBook {
  add(server: string, tokens: GivenTokens): void;
  ofDay(day: string): GivenSum;
  /** what it would have cost at v1's price, one credit a token: to stand beside what was given to strangers of the grid */
  creditsOfDay(day: string): number;
  ofServer(server: string): GivenSum;
  close(): void;
}

export function openGivenBook(
  file: string,
  deps: { nowMs: () => number; onProblem: (error: unknown) => void },
): GivenBook {
  const book = read(file, deps.onProblem);
  let timer: NodeJS.Timeout | undefined;

  const save = (): void => {
    clearTimeout(timer);
    timer = undefined;
    try {
      writePrivateFile(file, `${JSON.stringify(book, null, 2)}\n`);
    } catch (error) {
      deps.onProblem(error); // serving goes on: it is only a count
    }
  };

  return {
    add(server, { inputTokens, outputTokens }) {
      const plus = (sum: GivenSum = NOTHING): GivenSum => ({
        requests: sum.requests + 1,
        inputTokens: sum.inputTokens + inputTokens,
        outputTokens: sum.outputTokens + outputTokens,
      });
      const day = localDay(deps.nowMs());
      book.days[day] = plus(book.days[day]);
      book.servers[server] = plus(book.servers[server]);
      const days = Object.keys(book.days).sort();
      for (const old of days.slice(0, Math.max(0, days.length - KEPT_DAYS))) delete book.days[old];
      timer ??= setTimeout(save, SAVE_AFTER_MS).unref();
    },
    ofDay: (day) => book.days[day] ?? NOTHING,
    creditsOfDay(day) {
      const { inputTokens, outputTokens } = book.days[day] ?? NOTHING;
      return inputTokens + outputTokens;
    },
    ofServer: (server) => book.servers[server] ?? NOTHING,
    close() {
      if (timer) save();
    },
  };
}

function read(file: string, onProblem: (error: unknown) => void): z.infer<typeof bookSchema> {
  const empty = { version: 1 as const, days: {}, servers: {} };
  try {
    return bookSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') onProblem(error);
    return empty;
  }
}
