import { dialog, Menu, Tray } from 'electron';
import type { GridHost } from '../../app/contract/grid-host.ts';
import type { SharingView } from '../../app/contract/snapshot.ts';
import { asGridError } from '../../app/protocol/errors.ts';
import type { AppFiles } from '../app-files.ts';
import type { Logger } from '../app-log.ts';
import type { Windows } from '../windows/windows.ts';
import { trayImage } from './tray-image.ts';
import { trayMenu, type Run } from './tray-menu.ts';

/** The icon in the menu bar: it is told a meaning. Left click: the popover. Right click: the menu. */
export function createTray(deps: { grid: GridHost; windows: Windows; files: AppFiles; log: Logger }): void {
  const { grid, windows, files, log } = deps;
  let shown = grid.snapshot().sharing;
  const tray = new Tray(trayImage(files.trayFolder, shown.state));
  tray.setToolTip(toolTip(shown));
  // A double click would be a click too many: the second would close what the first opened.
  tray.setIgnoreDoubleClickEvents(true);

  const run: Run = (name, args) =>
    void grid.command(name, args).catch((thrown: unknown) => {
      log.error({ err: thrown, name }, 'a command of the menu failed');
      const { message, hint } = asGridError(thrown);
      void dialog.showMessageBox({ type: 'warning', message, detail: hint });
    });

  tray.on('click', () => windows.popover.toggle(tray.getBounds()));
  tray.on('right-click', () => tray.popUpContextMenu(Menu.buildFromTemplate(trayMenu(grid.snapshot(), run))));
  grid.on('snapshot', ({ sharing }) => {
    if (sharing.state !== shown.state) tray.setImage(trayImage(files.trayFolder, sharing.state));
    if (sharing.sentence !== shown.sentence) tray.setToolTip(toolTip(sharing));
    shown = sharing;
  });
}

function toolTip({ sentence }: SharingView): string {
  return `Lobstah: ${sentence}`;
}
