import { app, dialog } from 'electron';
import { asGridError } from '../app/protocol/errors.ts';
import type { Grid } from '../app/runtime/grid.ts';
import type { Logger } from './app-log.ts';
import type { Windows } from './windows/windows.ts';

/** Answers that run get this long to end. */
const DRAIN_MS = 5_000;
/** Then files and helper processes get this long to close; a person who quit does not wait longer. */
const CLOSE_MS = 3_000;

/** Whatever asks to quit (menu, command, signal, shutdown), the grid ends before the process does. */
export function quitWithGrid({ grid, windows, log }: { grid: Grid; windows: Windows; log: Logger }): void {
  let isStopped = false;
  let stopping: Promise<void> | undefined;

  async function stop(): Promise<void> {
    const tooLong = new Promise<'too long'>((resolve) => setTimeout(resolve, DRAIN_MS + CLOSE_MS, 'too long'));
    try {
      const ended = await Promise.race([grid.stop(DRAIN_MS), tooLong]);
      if (ended === 'too long') log.error('the grid did not stop in time');
    } catch (error) {
      log.error({ err: error }, 'the grid did not stop cleanly');
    }
    isStopped = true;
    log.info('app stopped');
    // Not quit(): nothing is left that could object, and a page that hangs must not.
    app.exit(0);
  }

  app.on('before-quit', () => windows.letClose());
  // The app lives in the menu bar: closing the last window is not the end.
  app.on('window-all-closed', () => undefined);
  app.on('will-quit', (event) => {
    if (isStopped) return;
    event.preventDefault();
    stopping ??= stop();
  });
  void grid.quitRequested.then(() => app.quit());
}

/** Nothing runs yet, so there is no window to say it in. */
export function giveUp(thrown: unknown): void {
  const { message, hint, cause } = asGridError(thrown);
  const reason = cause instanceof Error ? `${cause.stack ?? cause.message}\n` : '';
  process.stderr.write(`lobstah: ${message} ${hint}\n${reason}`);
  dialog.showErrorBox('Lobstah cannot start', `${message}\n\n${hint}`);
  app.exit(1);
}
