import { expect, test, type Page } from '@playwright/test';
import { serveMockPages } from '../running/mock-pages.ts';
import type { RunningServer } from '../../../app/http/listen.ts';

/** The page in front of a mock that does at once what the real openclaw takes half a minute for (e2e/full/openclaw.test.ts). */
let server: RunningServer;
test.beforeAll(async () => {
  server = await serveMockPages();
});
test.afterAll(() => server.close(0));

const open = async (page: Page, scene: string) => {
  await page.goto(`${server.url}/mock.html?still&scene=${scene}#/dashboard/openclaw`);
  await expect(page.getByRole('heading', { level: 1, name: 'openclaw' })).toBeVisible();
};

test('connects, says each step in words and who answered, and undoes it', async ({ page }) => {
  await open(page, 'ready');
  await expect(page.getByText('Not connected: openclaw does not know the grid yet.')).toBeVisible();
  const facts = page.getByRole('region', { name: 'What was found' });
  await expect(facts).toContainText('2026.9.6');
  await expect(facts).toContainText('not installed');
  // The grid becomes the default model only for who asks for it.
  await expect(page.getByRole('switch', { name: 'Make the grid its default model' })).not.toBeChecked();

  await page.getByRole('button', { name: 'Connect openclaw' }).click();
  const progress = page.getByRole('region', { name: 'Progress' });
  await expect(progress.getByRole('status')).toHaveText('Connected');
  await expect(progress.getByRole('listitem')).toHaveCount(7);
  await expect(progress).toContainText('Keeps a copy of its settings');
  await expect(progress).toContainText('a question was answered by qwen3:8b');
  await expect(facts).toContainText('http://127.0.0.1:17475/v1');
  await expect(facts).toContainText('openai/gpt-5');

  await page.getByRole('button', { name: 'Disconnect' }).click();
  await expect(progress.getByRole('status')).toHaveText('Disconnected');
  await expect(progress).toContainText('byte for byte');
  await expect(facts).toContainText('not set up');
});

test('makes the grid the default model when asked to', async ({ page }) => {
  await open(page, 'ready');
  await page.getByRole('switch', { name: 'Make the grid its default model' }).click();
  await page.getByRole('button', { name: 'Connect openclaw' }).click();
  await expect(page.getByRole('region', { name: 'What was found' })).toContainText('lobstah/auto');
});

test('says what went wrong and how to mend it', async ({ page }) => {
  await open(page, 'trouble');
  await page.getByRole('button', { name: 'Connect openclaw' }).click();
  const progress = page.getByRole('region', { name: 'Progress' });
  await expect(progress.getByRole('status')).toHaveText('Not connected');
  await expect(progress.getByRole('alert')).toContainText('ollama serve');
  await expect(progress.getByRole('img', { name: 'failed' })).toHaveCount(1);
});

test('where there is no openclaw it says how to get one', async ({ page }) => {
  await open(page, 'empty');
  await expect(page.getByText('There is no openclaw on this Mac.')).toBeVisible();
  await expect(page.getByText('npm install -g openclaw')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Connect openclaw' })).toHaveCount(0);
});
