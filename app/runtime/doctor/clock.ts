import type { Finding } from './finding.ts';

/** Orders and receipts are fresh for five minutes: from half of that on it is a matter of luck. */
const FAILED_MS = 150_000;
const WARNING_MS = 30_000;

/** What others say of the time. */
export interface ClockEvidence {
  /** each peer's clock less ours, in ms */
  readonly peerOffsetsMs: readonly number[];
  /** undefined when it was not asked, null when it did not answer */
  readonly serverOffsetMs: number | null | undefined;
}

/** A time server is believed before peers; of the peers the one in the middle. Pure. */
export function judgeClock({ peerOffsetsMs, serverOffsetMs }: ClockEvidence): Finding {
  const offsetMs = serverOffsetMs ?? median(peerOffsetsMs);
  if (offsetMs === undefined)
    return serverOffsetMs === null
      ? {
          code: 'clock_unknown',
          status: 'warning',
          message: 'The time server does not answer.',
          hint: 'Is the internet there?',
        }
      : { message: 'nobody to compare with', hint: "'lobstah doctor --online' asks a time server." };
  const from = serverOffsetMs == null ? peerWords(peerOffsetsMs.length) : 'a time server';
  const away = Math.abs(offsetMs);
  if (away < WARNING_MS) return { message: `agrees with ${from} to ${Math.max(1, Math.round(away / 1_000))} s` };
  const side = offsetMs > 0 ? 'behind' : 'ahead of';
  return {
    code: 'clock_off',
    status: away >= FAILED_MS ? 'failed' : 'warning',
    message: `This clock is ${duration(away)} ${side} ${from}.`,
    hint:
      serverOffsetMs == null && peerOffsetsMs.length === 1
        ? "Switch on setting the time automatically, here and there ('lobstah doctor --online' tells whose is wrong); orders and receipts are refused when they are five minutes off."
        : 'Switch on setting the time automatically; orders and receipts are refused when they are five minutes off.',
  };
}

function median(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
}

const peerWords = (count: number) => (count === 1 ? 'the clock of a peer' : `the clocks of ${count} peers`);

function duration(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
