import { expect, test, type Page } from '@playwright/test';
import type { RunningServer } from '../../../app/http/listen.ts';
import { serveMockPages } from '../running/mock-pages.ts';

let pages: RunningServer;
test.beforeAll(async () => {
  pages = await serveMockPages();
});
test.afterAll(() => pages.close());

const open = (page: Page, scene: string, place: string) =>
  page.goto(`${pages.url}/mock.html?scene=${scene}&still#/${place}`);
const card = (page: Page) => page.getByRole('region', { name: 'Sharing' });
const pause = async (page: Page, choice: string) => {
  await card(page).getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('menuitem', { name: choice }).click();
};

test('a machine that waits by itself says every reason, and offers nothing to resume', async ({ page }) => {
  await open(page, 'waiting', 'popover');
  await expect(card(page)).toContainText('Waiting. You are using this machine.');
  await expect(card(page).getByRole('list', { name: 'Also' })).toContainText('On battery.');
  await expect(card(page).getByRole('switch', { name: 'Share idle compute' })).toBeChecked();
  await expect(card(page).getByRole('button', { name: 'Resume' })).toHaveCount(0);
  await expect(card(page).getByRole('button', { name: 'Pause' })).toBeVisible();
});

test('Pause for…: an hour, until morning, until charged, each with its end, each taken back', async ({ page }) => {
  await open(page, 'ready', 'popover');
  for (const [choice, said] of [
    ['For 1 hour', 'Until '],
    ['Until tomorrow 8:00', 'Until '],
    ['Until charged', 'Until charged'],
    ['Until I resume', 'Until you resume'],
  ] as const) {
    await pause(page, choice);
    await expect(card(page)).toContainText('Paused by you');
    await expect(card(page)).toContainText(said);
    await card(page).getByRole('button', { name: 'Resume' }).click();
    await expect(card(page)).toContainText('Ready.');
  }
});

test('finish what runs, then stop: said while it runs, and taken back', async ({ page }) => {
  await open(page, 'busy', 'popover');
  await pause(page, 'Finish what runs, then stop');
  await expect(card(page)).toContainText('Finishing one request.');
  await card(page).getByRole('button', { name: 'Resume' }).click();
  await expect(card(page)).toContainText('Ready.');
});

test('Settings show every rule with its default, and change it', async ({ page }) => {
  await open(page, 'ready', 'dashboard/settings');
  await expect(page.getByRole('textbox', { name: 'Minutes without input' })).toHaveValue('3');
  await expect(page.getByRole('switch', { name: 'On battery' })).not.toBeChecked();
  await page.getByRole('switch', { name: 'On battery' }).click();
  await expect(page.getByRole('switch', { name: 'On battery' })).toBeChecked();
  await page.getByRole('button', { name: 'May finish' }).click();
  await expect(page.getByRole('button', { name: 'May finish' })).toHaveAttribute('aria-pressed', 'true');
  const apps = page.getByRole('textbox', { name: 'Programs that want this Mac alone' });
  await apps.fill('Logic Pro,  Zoom');
  await apps.press('Enter');
  await expect(apps).toHaveValue('Logic Pro, Zoom');
});

test('hours that cannot be understood are refused in words', async ({ page }) => {
  await open(page, 'ready', 'dashboard/settings');
  const hours = page.getByRole('textbox', { name: 'Hours' });
  await hours.fill('sometimes');
  await hours.press('Enter');
  await expect(page.getByText(/mon-fri 22:00-07:00/).first()).toBeVisible();
});

test('offline is a switch, said in the card, and taken back there', async ({ page }) => {
  await open(page, 'ready', 'dashboard/settings');
  await page.getByRole('switch', { name: 'Offline' }).click();
  await expect(card(page)).toContainText('Offline. Nothing goes out of this machine');
  await card(page).getByRole('button', { name: 'Go online' }).click();
  await expect(page.getByRole('switch', { name: 'Offline' })).not.toBeChecked();
});
