import { app } from 'electron';
import { findAppFiles } from './app-files.ts';
import { startAppGrid } from './app-grid.ts';
import { openAppLog } from './app-log.ts';
import { setAppMenu } from './app-menu.ts';
import { hardenContents, hardenSession } from './hardening.ts';
import { serveIpc } from './ipc.ts';
import { giveUp, quitWithGrid } from './life-cycle.ts';
import { wasOpenedAtLogin } from './login-item.ts';
import { registerPageScheme, servePages } from './pages/page-scheme.ts';
import { createTray } from './tray/tray.ts';
import { createWindows } from './windows/windows.ts';

/** The app from first to last: what cannot wait for Electron, then one step after the other. */
registerPageScheme();
hardenContents(app);
if (app.requestSingleInstanceLock()) void app.whenReady().then(start).catch(giveUp);
else app.quit();

async function start(): Promise<void> {
  const files = findAppFiles(app);
  const log = openAppLog(app);
  hardenSession(log);
  servePages(files.pagesFolder);

  const windows = createWindows({ files, log });
  const grid = await startAppGrid({ files, windows });
  quitWithGrid({ grid, windows, log });
  serveIpc({ grid, windows, log });
  createTray({ grid, windows, files, log });

  const showMain = () => windows.show({ window: grid.snapshot().onboardingDone ? 'dashboard' : 'onboarding' });
  setAppMenu(windows);
  app.on('second-instance', showMain);
  app.on('activate', showMain);
  if (!wasOpenedAtLogin(app)) showMain();
  log.info({ electron: process.versions.electron, node: process.versions.node }, 'app started');
}
