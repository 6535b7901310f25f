import { expect, test } from '../running/test.ts';

test('the opt-in is off in the introduction and says what is told to whom', async ({ lobstah }) => {
  const page = await lobstah.firstPage();
  for (const _ of [1, 2, 3]) await page.getByRole('button', { name: 'Continue' }).click();
  const overlay = page.getByRole('switch', { name: 'Reach peers by key' });
  await expect(overlay).not.toBeChecked();
  await expect(overlay).toHaveAccessibleDescription(/relay.*learns your key, your IP address.*never what/);
  await expect(overlay).toHaveAccessibleDescription(/Peers you connect with learn your IP address/);
  // Asking and leaving the sheet is no yes.
  await overlay.click();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(overlay).not.toBeChecked();
});

test.describe('on the settings page', () => {
  test.use({ onboardingDone: true });

  test('it is turned on without a relay, shows the address for friends, and off again', async ({ lobstah }) => {
    const page = await lobstah.openDashboard('settings');
    const overlay = page.getByRole('switch', { name: 'Reach peers by key' });
    await overlay.click();
    // A relay of one's own has an address.
    await page.getByRole('button', { name: 'My own relay' }).click();
    await page.getByRole('button', { name: 'Turn on' }).click();
    await expect(page.getByText(/Which relay\?/)).toBeVisible();
    await page.getByRole('button', { name: 'No relay' }).click();
    await page.getByRole('button', { name: 'Turn on' }).click();
    await expect(overlay).toBeChecked();
    await expect(page.getByText(/Reachable by key at the addresses of this Mac/)).toBeVisible();
    await expect(page.getByText(`iroh:${lobstah.pubkey.slice(4)}`, { exact: false })).toBeVisible();
    await overlay.click();
    await expect(overlay).not.toBeChecked();
    await expect(page.getByText(/Reachable by key/)).toBeHidden();
  });
});
