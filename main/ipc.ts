import { ipcMain, type IpcMainInvokeEvent } from 'electron';
import { COMMAND_NAMES, type CommandFailure } from '../app/contract/commands.ts';
import { EVENT_NAMES } from '../app/contract/events.ts';
import type { GridHost } from '../app/contract/grid-host.ts';
import { asGridError, GridError } from '../app/protocol/errors.ts';
import type { Logger } from './app-log.ts';
import { commandChannel, eventChannel, HEIGHT_CHANNEL, SNAPSHOT_CHANNEL, type IpcAnswer } from './ipc-channels.ts';
import { isTrustedSender } from './trusted-sender.ts';
import type { Windows } from './windows/windows.ts';

/** The one door between the pages and the grid: the contract's lists, nothing else. Arguments are parsed behind it. */
export function serveIpc({ grid, windows, log }: { grid: GridHost; windows: Windows; log: Logger }): void {
  const serve = (channel: string, run: (args: unknown) => unknown): void =>
    ipcMain.handle(channel, async (event, args: unknown): Promise<IpcAnswer> => {
      try {
        if (!isTrustedSender(senderOf(event, windows))) {
          log.error({ channel, url: event.senderFrame?.url }, 'a message from a stranger');
          throw new GridError('invalid_argument', 'Only the windows of this app may ask.');
        }
        return { ok: true, result: await run(args) };
      } catch (error) {
        return { ok: false, failure: failureOf(error, log) };
      }
    });

  serve(SNAPSHOT_CHANNEL, () => grid.snapshot());
  serve(HEIGHT_CHANNEL, (height) => windows.popover.fit(height));
  for (const name of COMMAND_NAMES) serve(commandChannel(name), (args) => grid.command(name, args));
  for (const name of EVENT_NAMES)
    grid.on(name, (event) => {
      for (const contents of windows.contents()) contents.send(eventChannel(name), event);
    });
}

function senderOf({ sender, senderFrame }: IpcMainInvokeEvent, windows: Windows) {
  return {
    isOurWindow: windows.contents().includes(sender),
    frame: senderFrame ? { url: senderFrame.url, isMain: senderFrame === sender.mainFrame } : undefined,
  };
}

function failureOf(thrown: unknown, log: Logger): CommandFailure {
  const error = asGridError(thrown);
  if (error.code === 'internal_error') log.error({ err: thrown }, 'unexpected error');
  return { code: error.code, message: error.message, hint: error.hint };
}
