/** One timer for all phases of asking a peer: aborts the attempt when the current phase takes too long. */
export interface Watch {
  readonly signal: AbortSignal;
  /** Starts the phase anew. @param complaint what is said of the peer when it takes too long: 'went silent' */
  limit(ms: number, complaint: string): void;
  /** Stops the clock while it is not the peer that is waited for; `limit` starts it again. */
  pause(): void;
  /** the complaint, when the time was over */
  expired(): string | undefined;
  close(): void;
}

export function createWatch(outer: AbortSignal): Watch {
  const controller = new AbortController();
  let complaint = '';
  let expired: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  let limitMs = 0;
  const onOuter = () => controller.abort(outer.reason);
  if (outer.aborted) onOuter();
  else outer.addEventListener('abort', onOuter, { once: true });
  return {
    signal: controller.signal,
    limit(ms, text) {
      complaint = text;
      // The same limit again, once per chunk: moving the timer is all there is to do.
      if (timer && ms === limitMs) {
        timer.refresh();
        return;
      }
      clearTimeout(timer);
      limitMs = ms;
      timer = setTimeout(() => {
        expired = `${complaint} for ${limitMs / 1000} s`;
        controller.abort(new Error(expired));
      }, ms);
    },
    pause() {
      clearTimeout(timer);
      timer = undefined;
    },
    expired: () => expired,
    close() {
      clearTimeout(timer);
      outer.removeEventListener('abort', onOuter);
      // Leaving the loop early must end the exchange with the peer, not leave it running in the pool.
      controller.abort();
    },
  };
}
