import { number } from './terminal.ts';

export interface Progress {
  /** `total`: 0 when nobody knows */
  show(what: string, done: number, total: number): void;
  /** takes the line away, so that what follows stands alone */
  clear(): void;
}

const REDRAW_MS = 100;

/** One line on standard error that is written over and over; nothing at all where nobody looks at a terminal. */
export function createProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  if (!stream.isTTY) return { show: () => undefined, clear: () => undefined };
  let drawnMs = 0;
  let isDrawn = false;
  return {
    show(what, done, total) {
      if (performance.now() - drawnMs < REDRAW_MS) return;
      drawnMs = performance.now();
      isDrawn = true;
      const share = total > 0 ? `${Math.floor((done / total) * 100)} %  ` : '';
      const of = total > 1 ? `${number(done)} of ${number(total)}` : number(done);
      stream.write(`\r\u001b[2K${what}  ${share}${of}`);
    },
    clear() {
      if (isDrawn) stream.write('\r\u001b[2K');
      isDrawn = false;
    },
  };
}
