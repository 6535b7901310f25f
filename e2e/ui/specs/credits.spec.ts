import { startFakeOllama, type FakeOllama } from '../../../app/engine/testing/fake-ollama.ts';
import { createHome, runLobstah, startLobstah, type LobstahProcess } from '../../grid/lobstah-process.ts';
import { expect, test as base } from '../running/test.ts';
import { popoverScreen } from '../screens/popover-screen.ts';

/** An Ollama for this machine, one for a neighbour that works, and a neighbour that only asks. */
interface Neighbourhood {
  readonly ollama: FakeOllama;
  readonly neighbourOllama: FakeOllama;
  readonly neighbour: LobstahProcess;
  readonly asker: LobstahProcess;
}

const test = base.extend<Neighbourhood>({
  // eslint-disable-next-line no-empty-pattern -- Playwright reads the names of fixtures from this pattern
  ollama: async ({}, use) => {
    const ollama = await startFakeOllama({ models: [{ name: 'here:1b' }], tokens: 8 });
    await use(ollama);
    await ollama.close();
  },
  // eslint-disable-next-line no-empty-pattern
  neighbourOllama: async ({}, use) => {
    const ollama = await startFakeOllama({ models: [{ name: 'there:1b' }], tokens: 8 });
    await use(ollama);
    await ollama.close();
  },
  env: async ({ ollama }, use) => {
    await use({ OLLAMA_HOST: ollama.url, LOBSTAH_ENGINE: 'ollama' });
  },
  onboardingDone: true,
  neighbour: async ({ neighbourOllama }, use) => {
    const env = { OLLAMA_HOST: neighbourOllama.url, LOBSTAH_ENGINE: 'ollama' };
    const neighbour = await startLobstah(['worker', 'start'], { home: createHome(), env });
    await use(neighbour);
    await neighbour.stop();
  },
  asker: async ({ env }, use) => {
    const asker = await startLobstah(['router', 'start'], { home: createHome(), env });
    await use(asker);
    await asker.stop();
  },
});

async function ask(routerUrl: string, model: string): Promise<number> {
  const response = await fetch(`${routerUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hello' }] }),
  });
  await response.text();
  return response.status;
}

/** Makes one Lobstah known to another, as its owner would on the command line. */
async function introduce(asker: LobstahProcess, to: { pubkey: string; workerUrl: string }): Promise<void> {
  const { code, stderr } = await runLobstah(['peers', 'add', to.pubkey, to.workerUrl], { home: asker.home });
  expect(stderr).toBe('');
  expect(code).toBe(0);
}

test('the switch reaches the worker: off refuses others, on serves them, and earned moves', async ({
  lobstah,
  asker,
}) => {
  await introduce(asker, lobstah);
  const popover = popoverScreen(await lobstah.openPopover());
  await expect(popover.shareSwitch).not.toBeChecked();
  expect(await ask(asker.routerUrl, 'here:1b')).toBe(503);
  await expect(popover.figure('Earned today')).toHaveText('0');

  await popover.shareSwitch.click();
  await expect(popover.shareSwitch).toBeChecked();
  await expect.poll(() => ask(asker.routerUrl, 'here:1b')).toBe(200);
  await expect(popover.figure('Earned today')).not.toHaveText('0');

  const dashboard = await lobstah.openDashboard('ledger');
  const row = dashboard.getByRole('row').filter({ hasText: 'here:1b' }).first();
  await expect(row).toContainText('both signatures');
  await row.click();
  await dashboard.getByRole('button', { name: /Verify/ }).click();
  const checks = dashboard.getByRole('region', { name: 'Verification' }).or(dashboard.getByLabel('Verification'));
  await expect(checks.first()).toContainText('The receipt carries the signature of its worker');
  await expect(dashboard.getByLabel('does not hold')).toHaveCount(0);
  await expect(dashboard.getByLabel('holds').first()).toBeVisible();
});

test('a peer added on its page answers what this machine cannot, and spent moves', async ({ lobstah, neighbour }) => {
  const dashboard = await lobstah.openDashboard('peers');
  await dashboard.getByRole('button', { name: 'Add a peer' }).first().click();
  await dashboard.getByLabel('Key').fill(neighbour.pubkey);
  await dashboard.getByLabel('Address').fill(neighbour.workerUrl);
  await dashboard.getByLabel('Name', { exact: true }).fill('the neighbour');
  await dashboard.getByRole('button', { name: 'Add', exact: true }).click();
  const row = dashboard.getByRole('row').filter({ hasText: 'the neighbour' });
  await expect(row).toContainText('Reachable');
  await expect(row).toContainText('not encrypted');

  expect(await ask(lobstah.routerUrl, 'there:1b')).toBe(200);
  const popover = popoverScreen(await lobstah.openPopover());
  await expect(popover.figure('Spent today')).not.toHaveText('0');
  await expect(popover.figure('Earned today')).toHaveText('0');
});
