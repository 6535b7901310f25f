import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startFakeOpenAi, type FakeOpenAi } from '../../../app/engine/testing/fake-openai.ts';
import { expect, test as base } from '../running/test.ts';

const test = base.extend<{ openAi: FakeOpenAi }>({
  // eslint-disable-next-line no-empty-pattern -- Playwright reads the names of fixtures from this pattern
  openAi: async ({}, use) => {
    const openAi = await startFakeOpenAi({ models: [{ id: 'qwen3-8b' }], key: 'sk-right' });
    await use(openAi);
    await openAi.close();
  },
  onboardingDone: true,
  // Nothing listens there: the choice begins with the sample.
  env: { LOBSTAH_ENGINE: '', OLLAMA_HOST: 'http://127.0.0.1:1' },
});

test('another engine is tried, in words, before it is used; its key goes in and never out', async ({
  lobstah,
  openAi,
}) => {
  const page = await lobstah.openDashboard('settings');
  const card = page.getByRole('region', { name: 'Engine' });
  await expect(card).toContainText('Now: Sample model');
  await card.getByRole('button', { name: 'OpenAI-compatible' }).click();
  await expect(card.getByRole('button', { name: 'Test connection' })).toBeDisabled();

  const result = card.getByRole('status');
  await card.getByLabel('Address').fill('http://127.0.0.1:1');
  await card.getByRole('button', { name: 'Test connection' }).click();
  await expect(result).toContainText('nothing listens there');

  await card.getByLabel('Address').fill(openAi.url);
  await card.getByRole('button', { name: 'Test connection' }).click();
  await expect(result).toContainText('refuses the key');

  const key = card.getByLabel('Key');
  await expect(key).toHaveAttribute('type', 'password');
  await key.fill('sk-right');
  await card.getByRole('button', { name: 'Test connection' }).click();
  await expect(result).toContainText('It answers, with one model: qwen3-8b.');
  // A test changes nothing.
  await expect(card).toContainText('Now: Sample model');
  await expect(card.getByRole('button', { name: 'Forget the key' })).toHaveCount(0);
});

test('one that needs no key is used at once, and left again by a click', async ({ lobstah, openAi }) => {
  openAi.script.key = undefined;
  const page = await lobstah.openDashboard('settings');
  const card = page.getByRole('region', { name: 'Engine' });
  await card.getByRole('button', { name: 'OpenAI-compatible' }).click();
  await card.getByLabel('Address').fill(openAi.url);
  await card.getByRole('button', { name: 'Use this engine' }).click();
  await expect(card).toContainText(`Now: OpenAI-compatible engine, ${openAi.url}/v1.`);
  expect(JSON.parse(readFileSync(join(lobstah.home, 'settings.json'), 'utf8'))).toMatchObject({
    engine: { kind: 'openai', openai: { url: `${openAi.url}/v1` } },
  });
  await card.getByRole('button', { name: 'Automatic' }).click();
  await expect(card).toContainText('Now: Sample model');
});

test.describe('where the environment decides', () => {
  test.use({ env: { LOBSTAH_ENGINE: 'sample' } });

  test('nothing can be chosen, and it says why', async ({ lobstah }) => {
    const page = await lobstah.openDashboard('settings');
    const card = page.getByRole('region', { name: 'Engine' });
    await expect(card).toContainText('LOBSTAH_ENGINE is set, so the engine cannot be changed here.');
    await expect(card.getByRole('button')).toHaveCount(0);
  });
});
