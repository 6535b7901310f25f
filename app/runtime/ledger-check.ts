import type { LedgerCheckView } from '../contract/commands.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { asGridError } from '../protocol/errors.ts';

/** So many problems are shown; `lobstah ledger verify` names more. */
const SHOWN = 50;

/** The one verification of all the books that a user interface can start, watch and stop. */
export interface LedgerCheck {
  view(): LedgerCheckView;
  /** does nothing while one runs */
  start(): void;
  stop(): void;
}

const IDLE: LedgerCheckView = {
  state: 'idle',
  step: null,
  done: 0,
  total: 0,
  entries: 0,
  problems: [],
  problemCount: 0,
  message: null,
};

export function createLedgerCheck(ledger: Pick<Ledger, 'verify'>): LedgerCheck {
  let view = IDLE;
  let running: AbortController | undefined;

  async function run(mine: AbortController): Promise<void> {
    // One that was stopped has nothing to say any more.
    const show = (next: LedgerCheckView) => {
      if (running === mine) view = next;
    };
    show({ ...IDLE, state: 'running' });
    try {
      const { entries, problems, problemCount } = await ledger.verify({
        signal: mine.signal,
        onProgress: (progress) => show({ ...view, ...progress }),
      });
      show({ ...IDLE, state: 'done', entries, problems: problems.slice(0, SHOWN), problemCount });
    } catch (thrown) {
      show({ ...IDLE, state: 'failed', message: asGridError(thrown).message });
    }
    if (running === mine) running = undefined;
  }

  return {
    view: () => view,
    start() {
      if (running) return;
      running = new AbortController();
      void run(running);
    },
    stop() {
      if (!running) return;
      running.abort();
      running = undefined;
      view = IDLE;
    },
  };
}
