import { expect, test } from '@playwright/test';
import type { RunningServer } from '../../../app/http/listen.ts';
import { serveMockPages } from '../running/mock-pages.ts';

let pages: RunningServer;
test.beforeAll(async () => void (pages = await serveMockPages()));
test.afterAll(() => pages.close());

test('both ways to IdleClaw are off at first, and each says what it sends', async ({ page }) => {
  await page.goto(`${pages.url}/mock.html?scene=ready&still#/dashboard/settings`);
  const card = page.getByRole('region', { name: 'IdleClaw servers' });
  await expect(card.getByRole('switch', { name: 'Contribute to IdleClaw servers' })).not.toBeChecked();
  await expect(card.getByRole('switch', { name: 'Ask IdleClaw servers as a last resort' })).not.toBeChecked();
  await expect(card).toContainText('told the names and sizes of your shared models');
  await expect(card).toContainText('your prompt is sent to a server below and read by it');
  await expect(card.getByTestId('idleclaw-server')).toHaveCount(0);
});

test('a server is added, contributed to, and removed; a broken address is refused in words', async ({ page }) => {
  await page.goto(`${pages.url}/mock.html?scene=ready&still#/dashboard/settings`);
  const card = page.getByRole('region', { name: 'IdleClaw servers' });
  const add = card.getByRole('button', { name: 'Add server' });
  await expect(add).toBeDisabled();
  await card.getByLabel('Server', { exact: true }).fill('hub.example');
  await add.click();
  await expect(card.getByRole('alert')).toContainText('is not the address of an IdleClaw server');

  await card.getByLabel('Server', { exact: true }).fill('https://hub.example');
  await add.click();
  const row = card.getByTestId('idleclaw-server');
  await expect(row).toContainText('No connection is open.');
  await expect(card.getByRole('alert')).toHaveCount(0);
  await expect(card.getByLabel('Server', { exact: true })).toHaveValue('');

  await card.getByRole('switch', { name: 'Contribute to IdleClaw servers' }).click();
  await expect(row).toContainText('Registered with 2 models.');
  await row.getByRole('button', { name: 'Remove https://hub.example' }).click();
  await expect(row).toHaveCount(0);
});

test('what was given is shown, for today and for each server', async ({ page }) => {
  await page.goto(`${pages.url}/mock.html?scene=busy&still#/dashboard/settings`);
  const card = page.getByRole('region', { name: 'IdleClaw servers' });
  await expect(card).toContainText('It earns no credit: 4 answers, 1,930 tokens given today.');
  await expect(card.getByTestId('idleclaw-server')).toContainText('31 answers');
});
