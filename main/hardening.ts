import { session, type App, type WebPreferences } from 'electron';
import type { Logger } from './app-log.ts';

/** What each window's page may do: nothing that a web page could not. docs/app.md says why, line by line. */
export const PAGE_PREFERENCES = {
  sandbox: true,
  contextIsolation: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webviewTag: false,
  webSecurity: true,
  allowRunningInsecureContent: false,
  experimentalFeatures: false,
  navigateOnDragDrop: false,
  spellcheck: false,
} as const satisfies WebPreferences;

/** Holds for every page this app will ever make, whoever makes it. Before the first one. */
export function hardenContents(app: App): void {
  app.on('web-contents-created', (_event, contents) => {
    // Our pages are places in one document; whatever navigates is not ours.
    contents.on('will-navigate', (event) => event.preventDefault());
    contents.on('will-frame-navigate', (event) => event.preventDefault());
    contents.on('will-redirect', (event) => event.preventDefault());
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  });
}

/** No page of ours needs a permission: not the camera, not notifications, not the clipboard. */
export function hardenSession(log: Logger): void {
  const ours = session.defaultSession;
  ours.setPermissionRequestHandler((_contents, permission, answer) => {
    log.warn({ permission }, 'a page asked for a permission');
    answer(false);
  });
  ours.setPermissionCheckHandler(() => false);
  ours.setDevicePermissionHandler(() => false);
  ours.setUSBProtectedClassesHandler(() => []);
  ours.setDisplayMediaRequestHandler(null);
}
