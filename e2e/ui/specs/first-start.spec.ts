import { expect, test } from '../running/test.ts';
import { popoverScreen } from '../screens/popover-screen.ts';

test('the first start shows the introduction, and nothing is shared', async ({ lobstah }) => {
  const page = await lobstah.firstPage();
  await expect(page.getByRole('heading', { name: 'Welcome to Lobstah' })).toBeVisible();
  const popover = popoverScreen(await lobstah.openPopover());
  await expect(popover.shareSwitch).not.toBeChecked();
});

test('the switch turns sharing on, and says so in a sentence', async ({ lobstah }) => {
  const popover = popoverScreen(await lobstah.openPopover());
  const off = await popover.sentence.textContent();
  await popover.shareSwitch.click();
  await expect(popover.shareSwitch).toBeChecked();
  await expect(popover.sentence).not.toHaveText(off ?? '');
});
