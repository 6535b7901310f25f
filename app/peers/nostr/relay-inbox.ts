/** A signature takes some milliseconds in JavaScript: whoever floods a relay must not make this machine busy. */
const MAX_WAITING = 320;
const EVENTS_PER_MINUTE = 400;
const MINUTE_MS = 60_000;

/** Takes what a relay sends one message a turn, in order, and lets go of what is more than anybody needs. */
export interface RelayInbox {
  put(text: string): void;
  clear(): void;
}

export function createRelayInbox(deps: { read: (text: string) => void; nowMs: () => number }): RelayInbox {
  let waiting: string[] = [];
  let isReading = false;
  let windowStartMs = -Infinity;
  let taken = 0;

  function next(): void {
    const text = waiting.shift();
    if (text === undefined) {
      isReading = false;
      return;
    }
    deps.read(text);
    setImmediate(next);
  }

  return {
    put(text) {
      const nowMs = deps.nowMs();
      // A clock may be set back.
      if (Math.abs(nowMs - windowStartMs) >= MINUTE_MS) {
        windowStartMs = nowMs;
        taken = 0;
      }
      // What is no event (an answer to ours, the end of a list) is short and always wanted.
      const isEvent = text.startsWith('["EVENT"');
      if (isEvent && (waiting.length >= MAX_WAITING || taken >= EVENTS_PER_MINUTE)) return;
      if (!isEvent && waiting.length >= 2 * MAX_WAITING) return;
      if (isEvent) taken += 1;
      waiting.push(text);
      if (isReading) return;
      isReading = true;
      setImmediate(next);
    },
    clear: () => void (waiting = []),
  };
}
