import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHome, runLobstah, startLobstah, type LobstahProcess } from './lobstah-process.ts';
import { peakMemory } from './peak-memory.ts';
import { rawClient, type RawClient } from './raw-client.ts';
import { chat } from './test-grid.ts';

const MB = 1024 * 1024;
/** The limit for slow connections. */
const CLOSED_WITHIN_MS = 15_000;

/** Far more than it takes: the machine that runs this may be busy with other tests. */
const SERVED_WITHIN_MS = 20_000;

let lobstah: LobstahProcess;
const urls: Record<string, string> = {};
const POST_PATHS = { worker: '/v1/chat/completions', router: '/v1/chat/completions', control: '/control/session' };
type Door = keyof typeof POST_PATHS;
const DOORS = Object.keys(POST_PATHS) as Door[];

beforeAll(async () => {
  lobstah = await startLobstah(['up', '--share'], { home: createHome(), env: { LOBSTAH_ENGINE: 'sample' } });
  const link = (await runLobstah(['open', '--print'], { home: lobstah.home })).stdout.trim();
  Object.assign(urls, { worker: lobstah.workerUrl, router: lobstah.routerUrl, control: new URL(link).origin });
});
afterAll(() => lobstah.stop());

interface Asked {
  readonly status: number;
  readonly text: string;
}

function ask(
  door: Door,
  options: { method?: string; path?: string; headers?: Record<string, string>; body?: string | Buffer },
): Promise<Asked> {
  const { method = 'POST', path = POST_PATHS[door], headers = {}, body } = options;
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${urls[door]}${path}`, { method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

const json = { 'content-type': 'application/json' };
const CHAT = JSON.stringify({ model: 'lobstah-sample', messages: [{ role: 'user', content: 'hello' }] });

/** Errors of the router's API have OpenAI's shape, all others Lobstah's. */
function codeOf({ text }: Asked): string | undefined {
  const { error } = JSON.parse(text) as { error?: { code?: string; type?: string } };
  return error?.code ?? error?.type;
}

const REFUSED: readonly (readonly [string, Record<string, string>, string | Buffer, number, string])[] = [
  ['a foreign Host', { ...json, host: 'evil.example' }, CHAT, 403, 'host_not_allowed'],
  ['a Host that only begins well', { ...json, host: '127.0.0.1.evil.example' }, CHAT, 403, 'host_not_allowed'],
  ['a foreign Origin', { ...json, origin: 'https://evil.example' }, CHAT, 403, 'origin_not_allowed'],
  ['an Origin of a file', { ...json, origin: 'null' }, CHAT, 403, 'origin_not_allowed'],
  [
    'another port of this machine as Origin',
    { ...json, origin: 'http://127.0.0.1:1' },
    CHAT,
    403,
    'origin_not_allowed',
  ],
  ['a page of another site', { ...json, 'sec-fetch-site': 'cross-site' }, CHAT, 403, 'origin_not_allowed'],
  ['a page of the same site', { ...json, 'sec-fetch-site': 'same-site' }, CHAT, 403, 'origin_not_allowed'],
  ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 'a=b', 415, 'not_json'],
  ['text that is JSON', { 'content-type': 'text/plain' }, CHAT, 415, 'not_json'],
  ['no content type', {}, CHAT, 415, 'not_json'],
  ['broken JSON', json, CHAT.slice(0, -1), 400, 'bad_json'],
  ['no JSON at all', json, Buffer.from([0xff, 0xfe, 0x00]), 400, 'bad_json'],
  ['nothing', json, '', 400, 'bad_json'],
];

describe.each(DOORS)('at the door of the %s', (door) => {
  it.each(REFUSED)('%s is refused by name', async (_name, headers, body, status, code) => {
    const answer = await ask(door, { headers: { ...headers }, body });
    expect([answer.status, codeOf(answer)]).toEqual([status, code]);
  });

  it.each([
    ['with its length', { 'content-length': String(48 * MB) }],
    ['of unknown length', { 'transfer-encoding': 'chunked' }],
  ])('a body of 48 MB %s is refused, and never in memory', async (_name, headers) => {
    await ask(door, { method: 'GET', path: '/' });
    const memory = peakMemory(lobstah.child.pid ?? 0);
    const body = Buffer.alloc(48 * MB, ' ');
    const answer = await ask(door, { headers: { ...json, ...headers }, body });
    expect([answer.status, codeOf(answer)]).toEqual([413, 'body_too_large']);
    // Up to its own limit of 32 MB a body of unknown length is taken.
    expect(memory.grownBytes()).toBeLessThan(80 * MB);
    expect((await ask(door, { method: 'GET', path: '/' })).status).toBeLessThan(500);
  });
});

describe('300 slow clients', () => {
  const SLOW: readonly (readonly [string, string, string])[] = [
    ['that send nothing', '', ''],
    ['that drip their headers', 'GET / HTTP/1.1\r\nhost: localhost\r\nx-slow: ', 'a'],
    [
      'that drip their body',
      `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 9000\r\n\r\n{`,
      ' ',
    ],
  ];

  it.each(SLOW)('%s are closed within 15 s, and others are served meanwhile', async (_name, first, next) => {
    const targets = DOORS.map((door) => urls[door] ?? '');
    const memory = peakMemory(lobstah.child.pid ?? 0);
    const startedMs = performance.now();
    const clients: RawClient[] = await Promise.all(
      Array.from({ length: 300 }, (_, index) => rawClient(targets[index % targets.length] ?? '')),
    );
    for (const { socket } of clients) if (first) socket.write(first);
    const drip = setInterval(() => {
      for (const { socket } of clients) if (next && !socket.destroyed) socket.write(next);
    }, 500);
    const allClosed = Promise.all(clients.map(({ closed }) => closed)).then(() => performance.now() - startedMs);
    for (let i = 0; i < 5; i += 1) {
      const askedMs = performance.now();
      const answers = await Promise.all([
        chat(`${lobstah.routerUrl}/v1`, { model: 'lobstah-sample', max_tokens: 8 }),
        ask('worker', { method: 'GET', path: '/capacity' }),
        ask('control', { method: 'GET', path: '/control/snapshot' }),
      ]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 401]);
      expect(performance.now() - askedMs).toBeLessThan(SERVED_WITHIN_MS);
    }
    expect(await allClosed).toBeLessThan(CLOSED_WITHIN_MS);
    clearInterval(drip);
    expect(memory.grownBytes()).toBeLessThan(64 * MB);
  });
});
