import type { Page } from '@playwright/test';
import type { Bridge } from '../../../app/contract/bridge.ts';
import type { Program } from './electron-program.ts';

declare global {
  interface Window {
    /** put there by the app's preload script */
    readonly lobstah?: Bridge;
  }
}

/** A Lobstah that runs, with the app or with a browser around it. Specs see no difference. */
export interface RunningLobstah {
  readonly home: string;
  readonly routerUrl: string;
  readonly workerUrl: string;
  readonly pubkey: string;
  /** The window that a start shows: the introduction at first, the dashboard later. */
  firstPage(): Promise<Page>;
  /** Opens the popover as a person does: by a click on the tray icon; in a browser by its address. */
  openPopover(): Promise<Page>;
  /** @param page the part after `#/dashboard/` */
  openDashboard(page?: string): Promise<Page>;
  stop(): Promise<void>;
}

export interface StartOptions {
  /** of the app: which one; a browser has only one */
  readonly program?: Program;
  readonly home: string;
  readonly env?: Readonly<Record<string, string>>;
}
