import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, type Page } from '@playwright/test';
import type { RunningServer } from '../../../app/http/listen.ts';
import { serveMockPages } from '../running/mock-pages.ts';

const FOLDER = join(import.meta.dirname, '../../../build/screenshots');
const DASHBOARD = [
  'overview',
  'ledger',
  'peers',
  'activity',
  'models',
  'openclaw',
  'privacy',
  'diagnostics',
  'settings',
] as const;
const POPOVER_SIZE = { width: 420, height: 640 };
const WINDOW_SIZE = { width: 1080, height: 720 };

let pages: RunningServer;
test.beforeAll(async () => {
  mkdirSync(FOLDER, { recursive: true });
  pages = await serveMockPages();
});
test.afterAll(() => pages.close());

for (const colorScheme of ['light', 'dark'] as const)
  test.describe(`in ${colorScheme}`, () => {
    test.use({ colorScheme, deviceScaleFactor: 2, reducedMotion: 'reduce' } as object);

    /** A picture says nothing when the page is empty or broken: it is looked at by its size and by what it must show. */
    const shoot = async (page: Page, name: string) => {
      const path = join(FOLDER, `${name}-${colorScheme}.png`);
      await page.waitForFunction(() => document.fonts.status === 'loaded');
      await page.screenshot({ path });
      expect(statSync(path).size).toBeGreaterThan(20_000);
    };

    test('popover', async ({ page }) => {
      await page.setViewportSize(POPOVER_SIZE);
      await page.goto(`${pages.url}/mock.html?scene=busy&still#/popover`);
      await expect(page.getByRole('switch', { name: 'Share idle compute' })).toBeChecked();
      await shoot(page, 'popover');
    });

    test('introduction', async ({ page }) => {
      await page.setViewportSize({ width: 640, height: 760 });
      await page.goto(`${pages.url}/mock.html?scene=first-run&still#/onboarding`);
      for (const step of [1, 2, 3, 4, 5]) {
        await expect(page.getByText(`${step} of 5`)).toBeVisible();
        await shoot(page, `introduction-${step}`);
        if (step < 5) await page.getByRole('button', { name: 'Continue' }).click();
      }
    });

    for (const name of DASHBOARD)
      test(`dashboard: ${name}`, async ({ page }) => {
        await page.setViewportSize(WINDOW_SIZE);
        await page.goto(`${pages.url}/mock.html?scene=busy&still#/dashboard/${name}`);
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
        await shoot(page, `dashboard-${name}`);
      });
  });
