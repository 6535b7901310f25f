import { request as httpRequest } from 'node:http';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GridSnapshot } from '../../app/contract/snapshot.ts';
import { createHome, runLobstah, startLobstah, type LobstahProcess } from './lobstah-process.ts';

let lobstah: LobstahProcess;
let base: string;
let token: string;

beforeAll(async () => {
  lobstah = await startLobstah(['up'], { home: createHome(), env: { LOBSTAH_ENGINE: 'sample' } });
  const link = new URL(await freshLink());
  base = link.origin;
  token = (JSON.parse((await redeem(link.hash.slice('#code='.length))).text) as { token: string }).token;
});
afterAll(() => lobstah.stop());

const freshLink = async () => (await runLobstah(['open', '--print'], { home: lobstah.home })).stdout.trim();
const redeem = (code: string) => ask('POST', '/control/session', { body: JSON.stringify({ code }), token: null });

/** With any header a browser or an attacker could send; fetch would not let Host through. */
function ask(
  method: string,
  path: string,
  options: { body?: string; headers?: Record<string, string>; token?: string | null } = {},
): Promise<{ status: number; text: string; headers: Record<string, unknown> }> {
  const bearer = options.token === undefined ? token : options.token;
  const headers = {
    ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
    ...options.headers,
  };
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${base}${path}`, { method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => (text += part));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text, headers: response.headers }));
    });
    request.on('error', reject);
    request.end(options.body);
  });
}

const typeOf = ({ text }: { text: string }) => (JSON.parse(text) as { error: { type: string } }).error.type;

describe('the control server', () => {
  it('shows a snapshot to whoever holds the token, and nothing secret in it', async () => {
    const { status, text } = await ask('GET', '/control/snapshot');
    expect(status).toBe(200);
    expect((JSON.parse(text) as GridSnapshot).pubkey).toBe(lobstah.pubkey);
    const { secretKey, nostrSecretKey } = JSON.parse(
      readFileSync(join(lobstah.home, 'identity.json'), 'utf8'),
    ) as Record<string, string>;
    for (const secret of [secretKey ?? '?', nostrSecretKey ?? '?', token]) expect(text).not.toContain(secret);
  });

  it('runs a command and tells of the change', async () => {
    expect(await ask('POST', '/control/commands/setSharing', { body: '{"on":true}' })).toMatchObject({
      status: 200,
      text: 'null',
    });
    expect((JSON.parse((await ask('GET', '/control/snapshot')).text) as GridSnapshot).sharing.on).toBe(true);
    await ask('POST', '/control/commands/setSharing', { body: '{"on":false}' });
  });

  it.each<[string, string, string, Parameters<typeof ask>[2], number, string]>([
    ['no token', 'GET', '/control/snapshot', { token: null }, 401, 'session_invalid'],
    ['a wrong token', 'GET', '/control/snapshot', { token: 'f'.repeat(64) }, 401, 'session_invalid'],
    ['a token of another form', 'GET', '/control/events', { token: 'x' }, 401, 'session_invalid'],
    ['a foreign Host', 'GET', '/control/snapshot', { headers: { host: 'evil.example' } }, 403, 'host_not_allowed'],
    [
      'a foreign Origin',
      'GET',
      '/control/snapshot',
      { headers: { origin: 'http://127.0.0.1:9' } },
      403,
      'origin_not_allowed',
    ],
    ['a page elsewhere', 'GET', '/', { headers: { 'sec-fetch-site': 'cross-site' } }, 403, 'origin_not_allowed'],
    [
      'a command without a token',
      'POST',
      '/control/commands/quit',
      { body: '{}', token: null },
      401,
      'session_invalid',
    ],
    ['an unknown command', 'POST', '/control/commands/toString', { body: '{}' }, 400, 'invalid_argument'],
    [
      'a command with wrong arguments',
      'POST',
      '/control/commands/setSharing',
      { body: '{"on":"yes"}' },
      400,
      'invalid_argument',
    ],
    [
      'a command with a member too many',
      'POST',
      '/control/commands/quit',
      { body: '{"now":true}' },
      400,
      'invalid_argument',
    ],
    ['arguments that are no JSON', 'POST', '/control/commands/quit', { body: '{' }, 400, 'bad_json'],
    [
      'text/plain',
      'POST',
      '/control/commands/quit',
      { body: '{}', headers: { 'content-type': 'text/plain' } },
      415,
      'not_json',
    ],
    [
      'a huge command',
      'POST',
      '/control/commands/quit',
      { body: JSON.stringify('x'.repeat(300_000)) },
      413,
      'body_too_large',
    ],
    ['an unknown path', 'GET', '/control/secrets', {}, 404, 'not_found'],
    ['a path out of the pages', 'GET', '/..%2f..%2fpackage.json', {}, 404, 'not_found'],
    ['a made-up code', 'POST', '/control/session', { body: '{"code":"0"}', token: null }, 401, 'session_invalid'],
    ['no code', 'POST', '/control/session', { body: 'null', token: null }, 401, 'session_invalid'],
  ])('refuses %s', async (_name, method, path, options, status, type) => {
    const answer = await ask(method, path, options);
    expect([answer.status, typeOf(answer)]).toEqual([status, type]);
  });

  it('a link works once', async () => {
    const code = new URL(await freshLink()).hash.slice('#code='.length);
    expect((await redeem(code)).status).toBe(200);
    expect((await redeem(code)).status).toBe(401);
  });

  it('serves its pages with a policy that lets nothing else in', async () => {
    const { status, headers } = await ask('GET', '/', { token: null });
    expect(status).toBe(200);
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self'/);
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
  });

  it('the socket in the home folder is for the owner only', () => {
    expect(statSync(join(lobstah.home, 'control.sock')).mode & 0o777).toBe(0o600);
  });
});
