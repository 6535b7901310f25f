import { connect } from 'node:net';
import { processesOf } from '../running/processes-of.ts';
import { expect, test } from '../running/test.ts';

test.use({ onboardingDone: true });

function isListening(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** The sample model answers, so that llama.cpp has a process too. */
async function askSomething(routerUrl: string): Promise<string> {
  const response = await fetch(`${routerUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'lobstah/auto', messages: [{ role: 'user', content: 'hello, who are you?' }] }),
  });
  const answer = (await response.json()) as { choices?: { message: { content: string } }[] };
  return answer.choices?.[0]?.message.content ?? JSON.stringify(answer);
}

test.skip(process.platform !== 'linux', 'looks into /proc');

test('quit leaves no process and no port', async ({ electron }) => {
  expect(await askSomething(electron.routerUrl)).toContain('Lobstah');
  expect(processesOf(electron.home).length).toBeGreaterThan(2);
  expect(await isListening(electron.routerUrl)).toBe(true);
  const page = await electron.firstPage();
  await page.evaluate(() => void window.lobstah!.command('quit', {}));
  await expect.poll(() => processesOf(electron.home)).toEqual([]);
  expect(await isListening(electron.routerUrl)).toBe(false);
  expect(await isListening(electron.workerUrl)).toBe(false);
});

test('a killed app takes its helpers with it', async ({ electron }) => {
  expect(await askSomething(electron.routerUrl)).toContain('Lobstah');
  electron.app.process().kill('SIGKILL');
  await expect.poll(() => processesOf(electron.home)).toEqual([]);
});

test('SIGTERM quits as the menu does', async ({ electron }) => {
  const child = electron.app.process();
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
  await expect.poll(() => processesOf(electron.home)).toEqual([]);
});
