import { expect, test } from '../running/test.ts';
import { outsideSockets } from '../running/outside-sockets.ts';

test.skip(process.platform !== 'linux', 'looks into /proc');

test('the introduction, walked to its end with nothing agreed to, opens no socket to the outside', async ({
  electron,
}) => {
  const page = await electron.firstPage();
  const seen = new Set<string>();
  const look = () => outsideSockets(electron.home).forEach((socket) => seen.add(socket));
  for (const step of [1, 2, 3, 4, 5]) {
    await expect(page.getByText(`${step} of 5`)).toBeVisible();
    look();
    if (step < 5) await page.getByRole('button', { name: 'Continue' }).click();
  }
  await page.getByRole('button', { name: 'Ask' }).click();
  await expect(page.getByText(/Answered by/)).toBeVisible();
  look();
  await page.getByRole('button', { name: 'Finish' }).click();
  await expect.poll(() => electron.app.windows().some((window) => window.url().includes('#/dashboard/'))).toBe(true);
  look();
  expect([...seen]).toEqual([]);
  const snapshot = await (await electron.openDashboard()).evaluate(() => window.lobstah!.snapshot());
  expect(snapshot.onboardingDone).toBe(true);
  expect(snapshot.sharing.on).toBe(false);
});
