import { app, BrowserWindow, screen } from 'electron';
import type { AppFiles } from '../app-files.ts';
import type { Logger } from '../app-log.ts';
import { createPageWindow, loadPage } from './page-window.ts';
import { hasPlace, placePopover, type Rectangle } from './place-popover.ts';

const WIDTH = 360;
/** Until the page has said how tall it is. */
const FIRST_HEIGHT = 420;
const TALLEST = 4_000;
/** A page that has drawn nothing yet is not worth showing; one that never does is, so that it can be seen to be broken. */
const DRAWN_WITHIN_MS = 1_500;
/** The hidden page costs memory; opened again within this time it is there at once. */
const KEPT_MS = 60_000;
/** A click on the icon takes the focus away first, and so has closed the popover it means to close. */
const SAME_CLICK_MS = 250;

export interface Popover {
  toggle(icon: Rectangle): void;
  show(): void;
  /** @param next who gets the keyboard: the app that had it before, or a window of ours that opens now */
  hide(next?: 'other app' | 'own window'): void;
  /** @param contentHeight unparsed, as the page tells it; anything but a height is ignored */
  fit(contentHeight: unknown): void;
  window(): BrowserWindow | undefined;
}

/** The panel under the tray icon. Made when first wanted, hidden by Esc and by a click elsewhere, dropped a while after. */
export function createPopover(deps: { files: AppFiles; log: Logger; isLetGo: () => boolean }): Popover {
  let window: BrowserWindow | undefined;
  let lastIcon: Rectangle | undefined;
  let height = FIRST_HEIGHT;
  let hiddenAtMs = -Infinity;
  let dropTimer: NodeJS.Timeout | undefined;
  /** waits for the first content of a new page */
  let onDrawn: (() => void) | undefined;

  function create(): BrowserWindow {
    const made = createPageWindow(deps.files, {
      width: WIDTH,
      height,
      frame: false,
      resizable: false,
      movable: false,
      minimizable: false,
      maximizable: false,
      fullscreenable: false,
      skipTaskbar: true,
      alwaysOnTop: true,
      hiddenInMissionControl: true,
    });
    // Over a full-screen app too; without becoming an app of its own in the Dock.
    made.setVisibleOnAllWorkspaces(true, { visibleOnFullScreen: true, skipTransformProcessType: true });
    made.on('blur', () => hide());
    made.on('close', (event) => {
      if (deps.isLetGo()) return;
      event.preventDefault();
      hide();
    });
    made.on('closed', () => {
      clearTimeout(dropTimer);
      if (window === made) window = undefined;
    });
    loadPage(made, 'popover').catch((error: unknown) => deps.log.error({ err: error }, 'the popover did not load'));
    return made;
  }

  function place(target: BrowserWindow): void {
    const display = hasPlace(lastIcon)
      ? screen.getDisplayMatching(lastIcon)
      : screen.getDisplayNearestPoint(screen.getCursorScreenPoint());
    target.setBounds(placePopover(lastIcon, { width: WIDTH, height }, display.workArea));
  }

  function show(): void {
    clearTimeout(dropTimer);
    if (window) {
      reveal(window);
      return;
    }
    const made = (window = create());
    const drawn = (): void => {
      clearTimeout(patience);
      onDrawn = undefined;
      if (!made.isDestroyed()) reveal(made);
    };
    const patience = setTimeout(drawn, DRAWN_WITHIN_MS);
    onDrawn = drawn;
  }

  function reveal(target: BrowserWindow): void {
    place(target);
    target.show();
    target.focus();
  }

  function hide(next: 'other app' | 'own window' = 'other app'): void {
    if (!window?.isVisible()) return;
    hiddenAtMs = performance.now();
    const hidden = window;
    hidden.hide();
    clearTimeout(dropTimer);
    dropTimer = setTimeout(() => hidden.destroy(), KEPT_MS);
    if (next === 'other app' && process.platform === 'darwin' && !isAnyOtherVisible(hidden)) app.hide();
  }

  return {
    toggle(icon) {
      lastIcon = icon;
      if (window?.isVisible()) hide();
      else if (performance.now() - hiddenAtMs > SAME_CLICK_MS) show();
    },
    show,
    hide,
    fit(contentHeight) {
      if (typeof contentHeight !== 'number' || !(contentHeight > 0 && contentHeight < TALLEST)) return;
      height = Math.ceil(contentHeight);
      if (onDrawn) onDrawn();
      else if (window?.isVisible()) place(window);
    },
    window: () => window,
  };
}

function isAnyOtherVisible(hidden: BrowserWindow): boolean {
  return BrowserWindow.getAllWindows().some((other) => other !== hidden && other.isVisible());
}
