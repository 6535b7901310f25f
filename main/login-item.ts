import type { App } from 'electron';
import type { GridShell } from '../app/runtime/grid-config.ts';

/** Start at login, as System Settings shows it: the system keeps the wish, so there is no second copy that could differ. */
export function loginItem(app: App): GridShell['startAtLogin'] {
  // Electron knows no login items on Linux.
  if (process.platform !== 'darwin') return undefined;
  return {
    isOn: () => app.getLoginItemSettings().openAtLogin,
    set: (on) => app.setLoginItemSettings({ openAtLogin: on }),
  };
}

/** Opened by the system, not by a person: no window should appear. */
export function wasOpenedAtLogin(app: App): boolean {
  return process.platform === 'darwin' && app.getLoginItemSettings().wasOpenedAtLogin;
}
