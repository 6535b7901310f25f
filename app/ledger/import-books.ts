import { parseLine, type Refusal } from './book-line.ts';
import type { EntryKind, Ledger } from './ledger.ts';
import { textLines, type TextLine } from './text-lines.ts';

/** A receipt has less than 2 kB, its order as much; a model name in escapes may add some. */
export const MAX_LINE_BYTES = 64 * 1024;
/** Enough for the commits to share their fsyncs; little enough that a file of any size takes no memory. */
const IN_FLIGHT = 256;

export interface ImportReport {
  readonly lines: number;
  /** entered now, by what they are */
  readonly posted: Readonly<Record<EntryKind, number>>;
  /** in the books already: nothing was counted again */
  readonly known: number;
  readonly refused: Readonly<Partial<Record<Refusal, number>>>;
}

export interface ImportOptions {
  readonly signal?: AbortSignal | undefined;
  /** called for each line that was read, in order */
  readonly onLine?: ((line: TextLine) => void) | undefined;
  /** called for each line that is not entered */
  readonly onRefused?: ((line: TextLine, refusal: Refusal) => void) | undefined;
}

/**
 * Reads books of v1, or exported ones, from a stream, and verifies each line. What is in the books already counts once, so it may
 * be stopped and run again.
 * @throws GridError when the ledger cannot be written (what was entered until then stays), and the reason of the signal
 */
export async function importBooks(
  chunks: AsyncIterable<Uint8Array>,
  ledger: Pick<Ledger, 'ownPubkey' | 'appendImported'>,
  { signal, onLine, onRefused }: ImportOptions = {},
): Promise<ImportReport> {
  const posted: Record<EntryKind, number> = { served: 0, asked: 0, own: 0, given: 0, disputed: 0 };
  const refused: Partial<Record<Refusal, number>> = {};
  let lines = 0;
  let known = 0;
  const underWay = new Set<Promise<void>>();
  let failure: unknown;

  async function enter(job: Parameters<Ledger['appendImported']>[0]): Promise<void> {
    try {
      if ((await ledger.appendImported(job)) === 'known') known += 1;
      else posted[job.kind] += 1;
    } catch (error) {
      failure ??= error;
    }
  }

  for await (const line of textLines(chunks, MAX_LINE_BYTES)) {
    if (signal?.aborted || failure) break;
    lines += 1;
    onLine?.(line);
    const job = line.text === undefined ? { refused: 'too_long' as const } : parseLine(line.text, ledger.ownPubkey);
    if ('refused' in job) {
      refused[job.refused] = (refused[job.refused] ?? 0) + 1;
      onRefused?.(line, job.refused);
      continue;
    }
    const entered = enter(job).finally(() => underWay.delete(entered));
    underWay.add(entered);
    if (underWay.size >= IN_FLIGHT) await Promise.race(underWay);
  }
  await Promise.all(underWay);
  if (failure) throw failure as Error;
  signal?.throwIfAborted();
  return { lines, posted, known, refused };
}
