import { app, type BrowserWindow, type WebContents } from 'electron';
import { join } from 'node:path';
import type { CommandArgs } from '../../app/contract/commands.ts';
import type { AppFiles } from '../app-files.ts';
import type { Logger } from '../app-log.ts';
import { createPageWindow, loadPage } from './page-window.ts';
import { createPopover, type Popover } from './popover.ts';
import { recallWindow, rememberWindow } from './remember-window.ts';

const DASHBOARD = { width: 1060, height: 740, minWidth: 760, minHeight: 520 };
const ONBOARDING = { width: 640, height: 720, minWidth: 560, minHeight: 560 };

/** Every window of the app: at most one of each kind. */
export interface Windows {
  show(args: CommandArgs<'showWindow'>): void;
  readonly popover: Pick<Popover, 'toggle' | 'hide' | 'fit'>;
  /** the pages that are there now: the only ones that may ask, and the ones that are told */
  contents(): WebContents[];
  /** From now on windows close instead of hiding: the app ends. */
  letClose(): void;
}

type Framed = 'dashboard' | 'onboarding';

export function createWindows({ files, log }: { files: AppFiles; log: Logger }): Windows {
  const framed = new Map<Framed, BrowserWindow>();
  let isLetGo = false;
  const popover = createPopover({ files, log, isLetGo: () => isLetGo });

  function open(name: Framed): BrowserWindow {
    const window = name === 'dashboard' ? createDashboard(files, log) : createOnboarding(files);
    framed.set(name, window);
    window.on('closed', () => {
      framed.delete(name);
      showInDock(framed.size > 0);
    });
    window.once('ready-to-show', () => window.show());
    showInDock(true);
    return window;
  }

  function showFramed(name: Framed, place: string): void {
    const there = framed.get(name);
    const window = there ?? open(name);
    loadPage(window, place).catch((error: unknown) => log.error({ err: error, place }, 'a page did not load'));
    if (!there) return;
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  }

  return {
    popover,
    show({ window, page }) {
      if (window === 'popover') {
        popover.show();
        return;
      }
      popover.hide('own window');
      if (window === 'onboarding') {
        showFramed('onboarding', 'onboarding');
        return;
      }
      // Whoever is led to the dashboard is done with the tour.
      framed.get('onboarding')?.close();
      const there = framed.get('dashboard');
      if (there && page === undefined) showFramed('dashboard', placeOf(there));
      else showFramed('dashboard', `dashboard/${encodeURIComponent(page ?? 'overview')}`);
    },
    contents: () =>
      [...framed.values(), popover.window()]
        .filter((window) => window !== undefined && !window.isDestroyed())
        .map((window) => window!.webContents),
    letClose() {
      isLetGo = true;
    },
  };
}

/** The place a window shows, as loadPage takes it. */
function placeOf(window: BrowserWindow): string {
  return window.webContents.getURL().split('#/')[1] ?? 'dashboard/overview';
}

function createDashboard(files: AppFiles, log: Logger): BrowserWindow {
  const file = join(app.getPath('userData'), 'dashboard-window.json');
  const minimum = { width: DASHBOARD.minWidth, height: DASHBOARD.minHeight };
  const { isMaximized, ...bounds } = recallWindow(file, minimum) ?? { isMaximized: false };
  const window = createPageWindow(files, { ...DASHBOARD, ...bounds, titleBarStyle: 'hiddenInset' });
  if (isMaximized) window.maximize();
  rememberWindow(window, file, log);
  return window;
}

function createOnboarding(files: AppFiles): BrowserWindow {
  return createPageWindow(files, { ...ONBOARDING, titleBarStyle: 'hiddenInset', fullscreenable: false });
}

/** In the Dock and the app switcher only while there is a window to switch to. */
function showInDock(on: boolean): void {
  if (on) void app.dock?.show();
  else app.dock?.hide();
}
