import { join } from 'node:path';
import type { ElectronApplication } from '@playwright/test';
import { expect, test } from '../running/test.ts';

/** A window with our preload, as no page could open it, asks for a snapshot. */
function askFromStrangeWindow(app: ElectronApplication, address: string) {
  const preload = join(import.meta.dirname, '../../../build/main-e33/preload.cjs');
  return app.evaluate(
    async ({ BrowserWindow }, given) => {
      const stranger = new BrowserWindow({ show: false, webPreferences: { preload: given.preload, sandbox: true } });
      await stranger.loadURL(given.address);
      const answer: unknown = await stranger.webContents.executeJavaScript(
        'lobstah.snapshot().then(() => "answered", (failure) => failure.message)',
      );
      stranger.destroy();
      return answer;
    },
    { preload, address },
  );
}

const REFUSED = 'Only the windows of this app may ask.';

test('a window that is not one of ours is refused, even with our preload and our address', async ({ electron }) => {
  expect(await askFromStrangeWindow(electron.app, 'lobstah-app://pages/#/dashboard/overview')).toBe(REFUSED);
});

test('a foreign page inside our own window is refused', async ({ electron }) => {
  await electron.firstPage();
  const answer = await electron.app.evaluate(async ({ BrowserWindow }) => {
    const { webContents } = BrowserWindow.getAllWindows()[0]!;
    await webContents.loadURL('data:text/html,<title>foreign</title>');
    return webContents.executeJavaScript('lobstah.snapshot().then(() => "answered", (failure) => failure.message)');
  });
  expect(answer).toBe(REFUSED);
});

test('an unknown command, malformed arguments and an unknown event are refused in words', async ({ electron }) => {
  const page = await electron.firstPage();
  const ask = (name: string, args: unknown) =>
    page.evaluate(
      ([command, given]) =>
        (window.lobstah!.command as (name: string, args: unknown) => Promise<unknown>)(command, given).then(
          () => 'answered',
          (failure: { code: string; message: string; hint: string }) => ({ ...failure }),
        ),
      [name, args] as const,
    );
  expect(await ask('readFile', {})).toMatchObject({ code: 'invalid_argument' });
  expect(await ask('__proto__', {})).toMatchObject({ code: 'invalid_argument' });
  expect(await ask('setSharing', { on: 'yes' })).toMatchObject({
    code: 'invalid_argument',
    message: expect.stringContaining('setSharing'),
  });
  expect(await ask('setSharing', { on: true, path: '/etc' })).toMatchObject({ code: 'invalid_argument' });
  expect(await ask('openLink', { link: 'https://example.com' })).toMatchObject({ code: 'invalid_argument' });
  await expect(page.evaluate(() => window.lobstah!.on('everything' as 'snapshot', () => undefined))).rejects.toThrow(
    /no command or event/,
  );
});

test('the page has no Node and no Electron, only the bridge', async ({ electron }) => {
  const page = await electron.firstPage();
  const found = await page.evaluate(() => ({
    node: ['require', 'process', 'module', 'Buffer', 'electron'].filter((name) => name in globalThis),
    bridge: Object.keys(window.lobstah!).sort(),
  }));
  expect(found).toEqual({ node: [], bridge: ['command', 'on', 'shell', 'snapshot'] });
});

test('navigation, new windows and permissions are denied', async ({ electron }) => {
  const page = await electron.firstPage();
  const before = page.url();
  const windows = electron.app.windows().length;
  const opened = await page.evaluate(() => window.open('https://example.com') === null);
  expect(opened).toBe(true);
  await page.evaluate(() => {
    const link = document.createElement('a');
    link.href = 'https://example.com';
    document.body.append(link);
    link.click();
    window.location.assign('lobstah-app://pages/assets/');
  });
  const permissions = await page.evaluate(async () => {
    const ask = (name: string) =>
      navigator.permissions.query({ name: name as PermissionName }).then(
        ({ state }) => state,
        () => 'unknown',
      );
    const media = await navigator.mediaDevices.getUserMedia({ audio: true }).then(
      () => 'given',
      () => 'denied',
    );
    const place = await new Promise((resolve) =>
      navigator.geolocation.getCurrentPosition(
        () => resolve('given'),
        () => resolve('denied'),
      ),
    );
    return [
      await Notification.requestPermission(),
      await ask('geolocation'),
      await ask('clipboard-read'),
      media,
      place,
    ];
  });
  expect(permissions).toEqual(['denied', 'denied', 'denied', 'denied', 'denied']);
  expect(page.url()).toBe(before);
  expect(electron.app.windows().length).toBe(windows);
});

test('the pages come with the policy, and nothing outside their folder comes at all', async ({ electron }) => {
  const page = await electron.firstPage();
  const blocked = await page.evaluate(
    () =>
      new Promise<string>((resolve) => {
        document.addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective), {
          once: true,
        });
        const script = document.createElement('script');
        script.textContent = 'window.inline = true';
        document.head.append(script);
      }),
  );
  expect(blocked).toBe('script-src-elem');
  const answers = await electron.app.evaluate(async ({ net }) => {
    const status = async (address: string) => (await net.fetch(address)).status;
    return {
      page: await status('lobstah-app://pages/'),
      outside: await status('lobstah-app://pages/..%2f..%2fpackage.json'),
      otherHost: await status('lobstah-app://elsewhere/index.html'),
      missing: await status('lobstah-app://pages/missing.js'),
    };
  });
  expect(answers).toEqual({ page: 200, outside: 404, otherHost: 404, missing: 404 });
});

test('one program for one user: a second start shows the window of the first', async ({ electron }) => {
  const page = await electron.firstPage();
  await page.close();
  await expect.poll(() => electron.app.windows().length).toBe(0);
  expect(await electron.startAgain()).toBe(0);
  await expect.poll(() => electron.app.windows().length).toBe(1);
});
