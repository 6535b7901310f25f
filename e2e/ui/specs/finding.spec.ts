import { readAsV1 } from '../../v1/v1-announcer.ts';
import { createHome, startLobstah, type LobstahProcess } from '../../grid/lobstah-process.ts';
import { expect, test as base } from '../running/test.ts';

const test = base.extend<{ tracker: LobstahProcess }>({
  // eslint-disable-next-line no-empty-pattern -- Playwright reads the names of fixtures from this pattern
  tracker: async ({}, use) => {
    const tracker = await startLobstah(['tracker', 'start'], { home: createHome() });
    await use(tracker);
    await tracker.stop();
  },
});

test('both opt-ins are off in the introduction, and say what they send; going on agrees to nothing', async ({
  lobstah,
}) => {
  const page = await lobstah.firstPage();
  for (const _ of [1, 2, 3]) await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByRole('heading', { name: 'Find and be found' })).toBeVisible();
  const announce = page.getByRole('switch', { name: 'Announce this Mac' });
  const find = page.getByRole('switch', { name: 'Find peers on trackers' });
  await expect(announce).not.toBeChecked();
  await expect(find).not.toBeChecked();
  await expect(announce).toHaveAccessibleDescription(/public key.*address.*to the trackers you name/);
  await expect(find).toHaveAccessibleDescription(/they see your IP address/);
  // Asking and leaving the sheet is no yes.
  await announce.click();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(announce).not.toBeChecked();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('button', { name: 'Finish' }).click();
});

test.describe('on the settings page', () => {
  test.use({ onboardingDone: true });

  test('announcing: named tracker, shown in words, taken back by the switch', async ({ lobstah, tracker }) => {
    const page = await lobstah.openDashboard('settings');
    await page.getByRole('switch', { name: 'Share idle compute' }).click();
    await page.getByRole('switch', { name: 'Announce this Mac' }).click();
    await page.getByRole('button', { name: 'Announce', exact: true }).click();
    await expect(page.getByText(/Which tracker\?/)).toBeVisible();
    await page.getByLabel('Tracker', { exact: true }).fill(tracker.trackerUrl);
    await page.getByLabel('Address of this Mac').fill('https://mac.example:17474');
    await page.getByLabel('Label').fill('my-mac');
    await page.getByRole('button', { name: 'Announce', exact: true }).click();
    await expect(page.getByRole('switch', { name: 'Announce this Mac' })).toBeChecked();
    await expect(page.getByText('Announced to one tracker.')).toBeVisible();
    expect((await readAsV1(tracker.trackerUrl)).verified).toMatchObject([
      { announcement: { pubkey: lobstah.pubkey, url: 'https://mac.example:17474', label: 'my-mac' } },
    ]);
    await page.getByRole('switch', { name: 'Announce this Mac' }).click();
    await expect(page.getByRole('switch', { name: 'Announce this Mac' })).not.toBeChecked();
    await expect.poll(async () => (await readAsV1(tracker.trackerUrl)).count).toBe(0);
  });

  test('a tracker that does not answer is named in words', async ({ lobstah }) => {
    const page = await lobstah.openDashboard('privacy');
    await page.getByRole('switch', { name: 'Find peers on trackers' }).click();
    await page.getByLabel('Tracker', { exact: true }).fill('http://127.0.0.1:9');
    await page.getByRole('button', { name: 'Find peers', exact: true }).click();
    await expect(page.getByText('Nothing listens at the address of the tracker.')).toBeVisible();
    await page.getByRole('switch', { name: 'Find peers on trackers' }).click();
    await expect(page.getByText('Nothing listens at the address of the tracker.')).toBeHidden();
  });
});
