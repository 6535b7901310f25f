import { screen, type BrowserWindow } from 'electron';
import { readFileSync } from 'node:fs';
import { writePrivateFile } from '../../app/runtime/write-file.ts';
import type { Logger } from '../app-log.ts';
import { fitWindowState, parseWindowState, type WindowState } from './window-state.ts';

/** A window that is dragged tells its place many times a second; the file hears of it once it rests. */
const SETTLED_MS = 500;

/** What the file says, if it fits the displays that are there now. */
export function recallWindow(
  file: string,
  minimum: { readonly width: number; readonly height: number },
): WindowState | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    // The first start.
    return undefined;
  }
  const state = parseWindowState(text);
  const areas = screen.getAllDisplays().map(({ workArea }) => workArea);
  return state && fitWindowState(state, minimum, areas);
}

/** Writes the window's place whenever it changed, whole or not at all. */
export function rememberWindow(window: BrowserWindow, file: string, log: Logger): void {
  let timer: NodeJS.Timeout | undefined;
  const save = () => {
    clearTimeout(timer);
    timer = undefined;
    const state: WindowState = { ...window.getNormalBounds(), isMaximized: window.isMaximized() };
    try {
      writePrivateFile(file, `${JSON.stringify(state)}\n`);
    } catch (error) {
      // The window opens in its old place next time; nothing to bother anybody with.
      log.warn({ err: error }, 'the place of a window could not be kept');
    }
  };
  const changed = () => {
    clearTimeout(timer);
    timer = setTimeout(save, SETTLED_MS);
  };
  window.on('resize', changed);
  window.on('move', changed);
  window.on('maximize', changed);
  window.on('unmaximize', changed);
  window.on('close', () => {
    if (timer) save();
  });
}
