/** One timer for all phases of asking a peer. */
export interface Watch {
  /** Starts the phase anew. @param complaint what is said of the peer when it takes too long: 'went silent' */
  limit(ms: number, complaint: string): void;
  /** Stops the clock while it is not the peer that is waited for; `limit` starts it again. */
  pause(): void;
}

/** @param onExpired called once at most for each start, with the whole complaint: 'went silent for 3 s' */
export function createWatch(onExpired: (complaint: string) => void): Watch {
  let complaint = '';
  let timer: NodeJS.Timeout | undefined;
  let limitMs = 0;
  return {
    limit(ms, text) {
      complaint = text;
      // The same limit again, once per chunk: moving the timer is all there is to do.
      if (timer && ms === limitMs) {
        timer.refresh();
        return;
      }
      clearTimeout(timer);
      limitMs = ms;
      timer = setTimeout(() => onExpired(`${complaint} for ${limitMs / 1000} s`), ms);
    },
    pause() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
