import { app, Menu } from 'electron';
import type { Windows } from './windows/windows.ts';

/** The menu bar of a Mac carries the shortcuts of copy, paste and close; elsewhere the pages need none. */
export function setAppMenu(windows: Windows): void {
  if (process.platform !== 'darwin') {
    Menu.setApplicationMenu(null);
    return;
  }
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      {
        label: app.name,
        submenu: [
          { role: 'about' },
          { type: 'separator' },
          {
            label: 'Settings…',
            accelerator: 'Command+,',
            click: () => windows.show({ window: 'dashboard', page: 'settings' }),
          },
          { type: 'separator' },
          { role: 'hide' },
          { role: 'hideOthers' },
          { role: 'unhide' },
          { type: 'separator' },
          { role: 'quit' },
        ],
      },
      { role: 'editMenu' },
      { role: 'windowMenu' },
    ]),
  );
}
