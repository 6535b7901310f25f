import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from '../running/test.ts';

const PAGES = [
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

async function expectNoViolations(page: Page, what: string): Promise<void> {
  // Colours are judged where they end up, not on their way.
  await page.waitForFunction(() => document.getAnimations().every(({ playState }) => playState !== 'running'));
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  expect(
    violations.map(({ id, nodes }) => `${what}: ${id}: ${nodes[0]?.html ?? ''}`),
    what,
  ).toEqual([]);
}

for (const colorScheme of ['light', 'dark'] as const)
  test.describe(`in ${colorScheme}`, () => {
    test('axe finds nothing in the introduction, from its first step to its last', async ({ lobstah }) => {
      const page = await lobstah.firstPage();
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      for (const step of [1, 2, 3, 4, 5]) {
        await expect(page.getByText(`${step} of 5`)).toBeVisible();
        await expectNoViolations(page, `step ${step}`);
        if (step < 5) await page.getByRole('button', { name: 'Continue' }).click();
      }
    });

    test.describe('after it', () => {
      test.use({ onboardingDone: true });

      test('axe finds nothing in any page of the dashboard', async ({ lobstah }) => {
        for (const name of PAGES) {
          const page = await lobstah.openDashboard(name);
          await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
          await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
          await expectNoViolations(page, name);
        }
      });

      test('axe finds nothing in the popover', async ({ lobstah }) => {
        const page = await lobstah.openPopover();
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await expect(page.getByRole('switch')).toBeVisible();
        await expectNoViolations(page, 'popover');
      });
    });
  });

test.describe('with the keyboard alone', () => {
  test.use({ onboardingDone: true });

  test('everything that can be used can be reached', async ({ lobstah }) => {
    for (const name of PAGES) {
      const page = await lobstah.openDashboard(name);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      const unreached = await page.evaluate(() => {
        const usable = [
          ...document.querySelectorAll<HTMLElement>('a[href], button, input, select, textarea, [role=switch]'),
        ];
        const seen = (element: HTMLElement) =>
          element.getClientRects().length > 0 &&
          !element.matches(':disabled, [aria-hidden=true] *, [inert] *, [aria-hidden=true]');
        // A group with arrow keys has one stop for all of its members.
        const inGroup = (element: HTMLElement) =>
          element.closest('nav, [role=group], [role=toolbar], [role=radiogroup], [role=grid], [role=table]');
        return usable
          .filter((element) => seen(element) && element.tabIndex < 0 && !inGroup(element))
          .map((element) => element.outerHTML.slice(0, 120));
      });
      expect(unreached, name).toEqual([]);
    }
  });

  test('Tab and Enter lead from the popover to the settings', async ({ lobstah }) => {
    const page = await lobstah.openPopover();
    await expect(page.getByRole('switch')).toBeVisible();
    await page.getByRole('switch').focus();
    await page.keyboard.press('Space');
    await expect(page.getByRole('switch')).toBeChecked();
    await page.keyboard.press('Space');
    await expect(page.getByRole('switch')).not.toBeChecked();
    for (let presses = 0; presses < 20; presses += 1) {
      await page.keyboard.press('Tab');
      const focused = await page.evaluate(() => document.activeElement?.textContent ?? '');
      if (focused.startsWith('Dashboard')) return;
    }
    throw new Error('Tab never came to the way to the dashboard');
  });
});
