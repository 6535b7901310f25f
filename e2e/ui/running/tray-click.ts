import type { ElectronApplication, Page } from '@playwright/test';
import type { Tray } from 'electron';

declare global {
  /** set in the main process by findTray */
  var lobstahTray: Tray | undefined;
}

/**
 * No system under test has a menu bar that could be clicked, and the app has no door for tests. The tray shows itself when it
 * is told a new sentence: sharing is switched for a moment.
 */
async function findTray(app: ElectronApplication, page: Page): Promise<void> {
  const isFound = await app.evaluate(({ Tray }) => {
    if (globalThis.lobstahTray) return true;
    const { setToolTip } = Tray.prototype;
    Tray.prototype.setToolTip = function (this: Tray, toolTip: string) {
      globalThis.lobstahTray = this;
      setToolTip.call(this, toolTip);
    };
    return false;
  });
  if (isFound) return;
  const { on } = await page.evaluate(async () => (await window.lobstah!.snapshot()).sharing);
  await page.evaluate((wanted) => window.lobstah!.command('setSharing', { on: wanted }), !on);
  await app.evaluate(async () => {
    while (!globalThis.lobstahTray) await new Promise((resolve) => setTimeout(resolve, 10));
  });
  await page.evaluate((wanted) => window.lobstah!.command('setSharing', { on: wanted }), on);
}

/** What macOS tells the app when somebody clicks its icon. */
export async function clickTray(app: ElectronApplication, page: Page): Promise<void> {
  await findTray(app, page);
  await app.evaluate(() => globalThis.lobstahTray!.emit('click'));
}
