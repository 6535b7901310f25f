import { expect, test } from '@playwright/test';
import { createHome, runLobstah, startLobstah, type LobstahProcess } from '../../grid/lobstah-process.ts';
import { serveMockPages } from '../running/mock-pages.ts';

/** A real page of another origin on the same machine: any web page, for all that Lobstah knows. */
test('a page on another port can neither read nor do anything', async ({ page }) => {
  const lobstah: LobstahProcess = await startLobstah(['up'], { home: createHome(), env: { LOBSTAH_ENGINE: 'sample' } });
  const foreign = await serveMockPages();
  try {
    const { stdout } = await runLobstah(['open', '--print'], { home: lobstah.home });
    const { origin, hash } = new URL(stdout.trim());
    await page.goto(`${foreign.url}/mock.html`);
    const attempts = await page.evaluate(
      async ({ control, router, code }) => {
        const json = { 'content-type': 'application/json' };
        const plain = { 'content-type': 'text/plain' };
        const tries: [string, RequestInit][] = [
          [`${control}/control/snapshot`, {}],
          [`${control}/control/session`, { method: 'POST', headers: json, body: JSON.stringify({ code }) }],
          [`${control}/control/session`, { method: 'POST', headers: plain, body: JSON.stringify({ code }) }],
          [`${control}/control/commands/setSharing`, { method: 'POST', headers: plain, body: '{"on":true}' }],
          [`${router}/v1/models`, {}],
          [`${router}/v1/chat/completions`, { method: 'POST', headers: plain, body: '{}', mode: 'no-cors' }],
        ];
        return Promise.all(
          tries.map(([url, init]) =>
            fetch(url, init).then(
              (response) => (response.type === 'opaque' ? 'unreadable' : `read ${response.status}`),
              () => 'refused',
            ),
          ),
        );
      },
      { control: origin, router: lobstah.routerUrl, code: hash.slice('#code='.length) },
    );
    expect(attempts).toEqual(['refused', 'refused', 'refused', 'refused', 'refused', 'unreadable']);
    // The code was not used up by any of them, and nothing was switched on or asked.
    const status = await runLobstah(['sharing', 'status', '--json'], { home: lobstah.home });
    expect(JSON.parse(status.stdout)).toMatchObject({ on: false });
    expect(JSON.parse((await runLobstah(['receipts', '--json'], { home: lobstah.home })).stdout)).toEqual({
      entries: [],
    });
    await page.goto(stdout.trim());
    await expect(page.getByText('1 of 5')).toBeVisible();
  } finally {
    await foreign.close();
    await lobstah.stop();
  }
});
