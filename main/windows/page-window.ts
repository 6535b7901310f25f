import { app, BrowserWindow, nativeTheme, type BrowserWindowConstructorOptions } from 'electron';
import type { AppFiles } from '../app-files.ts';
import { PAGE_PREFERENCES } from '../hardening.ts';
import { PAGE_ORIGIN } from '../pages/page-path.ts';
import { PAGE_GROUND } from './page-ground.ts';

/** A window with nothing in it yet. All windows of the app are made here, so all are equally hardened. */
export function createPageWindow(
  files: AppFiles,
  { webPreferences, ...options }: BrowserWindowConstructorOptions,
): BrowserWindow {
  return new BrowserWindow({
    show: false,
    title: 'Lobstah',
    icon: files.icon,
    backgroundColor: nativeTheme.shouldUseDarkColors ? PAGE_GROUND.dark : PAGE_GROUND.light,
    ...options,
    webPreferences: {
      ...webPreferences,
      ...PAGE_PREFERENCES,
      preload: files.preload,
      devTools: !app.isPackaged,
    },
  });
}

/** Going from one place to another changes the part after #; the document, and what was typed into it, stays. */
export async function loadPage(window: BrowserWindow, place: string): Promise<void> {
  const address = `${PAGE_ORIGIN}/#/${place}`;
  if (window.webContents.getURL() === address) return;
  try {
    await window.webContents.loadURL(address);
  } catch (error) {
    // Closed while it loaded, or sent to another place before it arrived at this one.
    if (!window.isDestroyed() && (error as { code?: unknown }).code !== 'ERR_ABORTED') throw error;
  }
}
