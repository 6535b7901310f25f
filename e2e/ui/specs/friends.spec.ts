import { createHome, runLobstah } from '../../grid/lobstah-process.ts';
import { expect, test } from '../running/test.ts';

test.use({ onboardingDone: true });

test('a friend is invited by link, confirmed, given a limit, and removed', async ({ lobstah }) => {
  const page = await lobstah.openDashboard('peers');
  await page.getByRole('button', { name: 'Invite a friend' }).click();
  await page.getByLabel('Name of this Mac').fill('Anna');
  await page.getByRole('button', { name: 'Make the link' }).click();
  await expect(page.getByRole('img', { name: 'The invite as a QR code' })).toBeVisible();
  await expect(page.getByText('Nobody else can reach this address.')).toBeVisible();
  const link = (await page.getByTestId('invite-link').textContent()) ?? '';
  expect(link).toMatch(/^lobstah:invite\?/);
  await page.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByText('1 open invite: nobody has used it yet.')).toBeVisible();

  const guest = createHome();
  const accepted = await runLobstah(['invite', 'accept', link, '--label', 'Ben'], { home: guest });
  expect(accepted.stdout).toContain('Anna has to confirm');
  await expect(page.getByText('‘Ben’ wants to be your friend')).toBeVisible();
  await expect(page.getByTestId('friend')).toHaveCount(0);
  await page.getByRole('button', { name: 'Confirm Ben' }).click();
  await expect(page.getByTestId('friend')).toContainText('Ben');
  await expect(page.getByTestId('pending-friend')).toHaveCount(0);

  const limit = page.getByRole('textbox', { name: 'Tokens a day for Ben' });
  await expect(limit).toHaveValue('200,000');
  await limit.fill('5000');
  await limit.press('Tab');
  const limits = async () => (await runLobstah(['friends', 'list', '--json'], { home: lobstah.home })).stdout;
  await expect.poll(limits).toContain('"tokensPerDay": 5000');

  await page.getByRole('button', { name: 'Remove Ben' }).click();
  await expect(page.getByTestId('friend')).toHaveCount(0);
  await expect.poll(limits).toBe('[]\n');
});

test('an invite is put into words before anything is sent, and private mode is one switch', async ({ lobstah }) => {
  const page = await lobstah.openDashboard('peers');
  const other = createHome();
  const made = await runLobstah(['devices', 'add', '--label', 'studio', '--address', 'http://127.0.0.1:9', '--json'], {
    home: other,
  });
  const { link } = JSON.parse(made.stdout) as { link: string };
  await page.getByRole('button', { name: 'Use an invite' }).click();
  await page.getByLabel('Invite link').fill(link.replace('studio', 'evil'));
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByText(/it was changed after its maker signed it/)).toBeVisible();
  await page.getByLabel('Invite link').fill(link);
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByText(/joins another Mac of your own: both use each other for nothing/)).toBeVisible();
  await page.getByRole('button', { name: 'Join' }).click();
  await expect(page.getByText('Confirm it on that Mac.')).toBeVisible();
  await page.getByRole('button', { name: 'Stop waiting for studio' }).click();
  await expect(page.getByText('Confirm it on that Mac.')).toBeHidden();

  const only = page.getByRole('switch', { name: 'Friends and devices only' });
  await expect(only).not.toBeChecked();
  await only.click();
  await expect(only).toBeChecked();
  await page.reload();
  await expect(page.getByRole('switch', { name: 'Friends and devices only' })).toBeChecked();
});
