import { existsSync } from 'node:fs';
import { chromium, type Page } from '@playwright/test';
import { startLobstah } from '../../grid/lobstah-process.ts';
import type { RunningLobstah, StartOptions } from './running-lobstah.ts';

/** Debian's, where Playwright's own cannot be fetched. */
export const SYSTEM_CHROMIUM = '/usr/bin/chromium';

/** `lobstah up` without an app, and a browser on its dashboard. */
export async function startChromiumLobstah({ home, env = {} }: StartOptions): Promise<RunningLobstah> {
  const lobstah = await startLobstah(['up'], { home, env: { LOBSTAH_ENGINE: 'sample', ...env } });
  const link = /look +(http:\S+)/.exec(lobstah.output())?.[1];
  if (!link) throw new Error(`no dashboard: ${lobstah.output()}`);
  const browser = await chromium.launch({
    ...(existsSync(SYSTEM_CHROMIUM) ? { executablePath: SYSTEM_CHROMIUM } : {}),
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
  const page = await browser.newPage();
  await page.goto(link);

  async function goTo(place: string): Promise<Page> {
    await page.evaluate((hash) => (window.location.hash = hash), `#/${place}`);
    return page;
  }
  return {
    home,
    routerUrl: lobstah.routerUrl,
    workerUrl: lobstah.workerUrl,
    pubkey: lobstah.pubkey,
    firstPage: () => Promise.resolve(page),
    openPopover: () => goTo('popover'),
    openDashboard: (name = 'overview') => goTo(`dashboard/${name}`),
    async stop() {
      await browser.close();
      await lobstah.stop();
    },
  };
}
