import { defineConfig } from '@playwright/test';
import { existsSync } from 'node:fs';
import { SYSTEM_CHROMIUM } from './running/chromium-lobstah.ts';
import type { ShellOption } from './running/test.ts';

/** Debian's, where Playwright's own cannot be fetched. */
function systemChromium() {
  return existsSync(SYSTEM_CHROMIUM)
    ? { launchOptions: { executablePath: SYSTEM_CHROMIUM, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] } }
    : {};
}

const REPORT = '../../build/test-results';
/** Whether tools/package-for-tests.ts can make one here. */
const hasPackaged = process.platform === 'linux' && process.arch === 'x64';
const PACKAGED_SPECS = [
  'packaged/**/*.spec.ts',
  'electron/**/*.spec.ts',
  'specs/first-start.spec.ts',
  'specs/overlay.spec.ts',
];

/**
 * `specs/` run twice: in the real app and in Chromium on the headless runtime. `electron/` holds what only the app has. The
 * packaged app has to pass the specs of the app too, and `packaged/`.
 * Before: `npm run build:app:test`. On Linux it needs Xvfb and the Chromium of the system, but no display.
 */
export default defineConfig<ShellOption>({
  outputDir: `${REPORT}/ui`,
  // Each test has a Lobstah of its own, so they may run beside each other; the machine sets the limit.
  fullyParallel: true,
  workers: 2,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  // A second try tells a slow machine from a broken app; the runner prints what needed one.
  retries: process.env['CI'] === undefined ? 0 : 1,
  forbidOnly: process.env['CI'] !== undefined,
  reporter: [['list'], ['json']],
  use: { trace: 'retain-on-failure' },
  projects: [
    { name: 'electron', testMatch: ['specs/**/*.spec.ts', 'electron/**/*.spec.ts'], use: { shell: 'app' } },
    { name: 'mock', testDir: '.', testMatch: ['mock/**/*.spec.ts'], use: systemChromium() },
    { name: 'chromium', testMatch: 'specs/**/*.spec.ts', use: { shell: 'browser' } },
    ...(hasPackaged
      ? [{ name: 'packaged', testMatch: PACKAGED_SPECS, use: { shell: 'app', program: 'packaged' } as const }]
      : []),
  ],
});
