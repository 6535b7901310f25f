import { startFakeRelay, type FakeRelay } from '../../grid/fake-relay.ts';
import { readEventsAsV1 } from '../../v1/v1-nostr.ts';
import { expect, test as base } from '../running/test.ts';

const test = base.extend<{ relay: FakeRelay }>({
  // eslint-disable-next-line no-empty-pattern -- Playwright reads the names of fixtures from this pattern
  relay: async ({}, use) => {
    await using relay = await startFakeRelay();
    await use(relay);
  },
});

const SENTENCES = {
  'Be found on Nostr': /public key.*address.*to the relays you name.*learn your IP address/,
  'Find peers on Nostr': /they learn your IP address/,
  'Publish receipts on Nostr': /both keys.*for everybody and for ever/,
  'Be found on the local network': /opens this Mac to the local network.*public key/,
  'Find peers on the local network': /unencrypted/,
};

test('each opt-in is off in the introduction, on a line of its own that says what is sent to whom', async ({
  lobstah,
}) => {
  const page = await lobstah.firstPage();
  for (const _ of [1, 2, 3]) await page.getByRole('button', { name: 'Continue' }).click();
  for (const [name, sends] of Object.entries(SENTENCES)) {
    await expect(page.getByRole('switch', { name })).not.toBeChecked();
    await expect(page.getByRole('switch', { name })).toHaveAccessibleDescription(sends);
  }
  // Asking and leaving the sheet is no yes.
  await page.getByRole('switch', { name: 'Find peers on Nostr' }).click();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByRole('switch', { name: 'Find peers on Nostr' })).not.toBeChecked();
});

test.describe('on the settings page', () => {
  test.use({ onboardingDone: true });

  test('Nostr: a named relay, one switch without the others, taken back by the switch', async ({ lobstah, relay }) => {
    const page = await lobstah.openDashboard('settings');
    expect(relay.connections()).toBe(0);
    await page.getByRole('switch', { name: 'Share idle compute' }).click();
    const found = page.getByRole('switch', { name: 'Be found on Nostr' });
    await found.click();
    await page.getByRole('button', { name: 'Turn on' }).click();
    await expect(page.getByText(/Which relay\?/)).toBeVisible();
    await page.getByLabel('Relay', { exact: true }).fill(relay.url);
    await page.getByLabel('Address of this Mac').fill('https://mac.example:17474');
    await page.getByRole('button', { name: 'Turn on' }).click();
    await expect(found).toBeChecked();
    await expect(page.getByText('Announced to one relay.')).toBeVisible();
    expect(readEventsAsV1(relay.events())).toMatchObject([{ announcement: { pubkey: lobstah.pubkey } }]);
    for (const name of ['Find peers on Nostr', 'Publish receipts on Nostr'])
      await expect(page.getByRole('switch', { name })).not.toBeChecked();
    await found.click();
    await expect(found).not.toBeChecked();
    await expect.poll(() => readEventsAsV1(relay.events()).length).toBe(0);
  });

  test('the local network: finding says how many there are, and goes off again', async ({ lobstah }) => {
    const page = await lobstah.openDashboard('privacy');
    const find = page.getByRole('switch', { name: 'Find peers on the local network' });
    await find.click();
    await expect(find).toBeChecked();
    await expect(page.getByText(/neighbours? found|in no local network right now/)).toBeVisible();
    await find.click();
    await expect(find).not.toBeChecked();
    await expect(page.getByRole('switch', { name: 'Be found on the local network' })).not.toBeChecked();
  });
});
