import { describe, expect, it } from 'vitest';
import { takeCode } from './bridge.ts';
import { createHttpSession } from './http-session.ts';

interface Call {
  readonly path: string;
  readonly authorization: string | null;
  readonly body: string | null;
}

function fixture(
  answers: Record<string, () => Response>,
  { code = null as string | null, token = null as string | null } = {},
) {
  const calls: Call[] = [];
  const kept = new Map(token === null ? [] : [['lobstah.token', token]]);
  const session = createHttpSession({
    code,
    storage: {
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => void kept.set(key, value),
      removeItem: (key) => void kept.delete(key),
    },
    fetch: (async (path: string, init: RequestInit) => {
      calls.push({
        path,
        authorization: new Headers(init.headers).get('authorization'),
        body: (init.body as string) ?? null,
      });
      const answer = answers[path];
      if (!answer) throw new TypeError('Failed to fetch');
      return answer();
    }) as typeof fetch,
  });
  return { session, calls, kept };
}

const refused = (status: number, type: string) => () =>
  Response.json({ error: { type, message: `It is ${type}.`, hint: 'Do this.' } }, { status });

describe('the HTTP session', () => {
  it('exchanges the one-time code once, however many requests wait for it, and keeps the token', async () => {
    const { session, calls, kept } = fixture(
      { '/control/session': () => Response.json({ token: 't1' }), '/control/snapshot': () => Response.json({}) },
      { code: 'once' },
    );
    await Promise.all([session.request('/control/snapshot'), session.request('/control/snapshot')]);
    expect(calls.filter(({ path }) => path === '/control/session')).toEqual([
      { path: '/control/session', authorization: null, body: '{"code":"once"}' },
    ]);
    expect(calls.at(-1)?.authorization).toBe('Bearer t1');
    expect(kept.get('lobstah.token')).toBe('t1');
  });

  it('goes on with the kept token when the code of a reloaded page was spent', async () => {
    const { session, calls } = fixture(
      { '/control/session': refused(401, 'code_spent'), '/control/snapshot': () => Response.json({}) },
      { code: 'spent', token: 't0' },
    );
    await session.request('/control/snapshot');
    expect(calls.at(-1)?.authorization).toBe('Bearer t0');
    expect(session.locked).toBe(false);
  });

  it('is locked without code and token, and asks nobody', async () => {
    const { session, calls } = fixture({});
    await expect(session.request('/control/snapshot')).rejects.toMatchObject({ hint: "Open it with 'lobstah open'." });
    expect(session.locked).toBe(true);
    expect(calls).toEqual([]);
  });

  it('is locked by a 401 and forgets the token', async () => {
    const { session, kept } = fixture({ '/control/snapshot': refused(401, 'not_authorised') }, { token: 'old' });
    await expect(session.request('/control/snapshot')).rejects.toMatchObject({ code: 'not_authorised' });
    expect(session.locked).toBe(true);
    expect(kept.size).toBe(0);
  });

  it("gives a refusal in the server's own sentences", async () => {
    const { session } = fixture({ '/control/commands/addPeer': refused(400, 'bad_request') }, { token: 't' });
    await expect(session.request('/control/commands/addPeer')).rejects.toMatchObject({
      code: 'bad_request',
      message: 'It is bad_request.',
      hint: 'Do this.',
    });
  });

  it('says that Lobstah does not answer, keeps the code for later, and is not locked by it', async () => {
    const answers: Record<string, () => Response> = {};
    const { session } = fixture(answers, { code: 'once' });
    await expect(session.request('/control/snapshot')).rejects.toMatchObject({ code: 'not_running' });
    expect(session.locked).toBe(false);
    answers['/control/session'] = () => Response.json({ token: 't' });
    answers['/control/snapshot'] = () => Response.json({ revision: 3 });
    expect(await (await session.request('/control/snapshot')).json()).toEqual({ revision: 3 });
  });

  it('has sentences for an answer that is not JSON', async () => {
    const { session } = fixture({ '/control/snapshot': () => new Response('<html>', { status: 502 }) }, { token: 't' });
    await expect(session.request('/control/snapshot')).rejects.toMatchObject({
      message: 'Lobstah answered with status 502.',
    });
  });
});

describe('takeCode', () => {
  it('takes the code out of the address', () => {
    const addresses: string[] = [];
    const history = {
      replaceState: (_state: unknown, _title: string, url?: string | URL | null) => void addresses.push(String(url)),
    };
    expect(takeCode({ hash: '#code=a%2Fb', pathname: '/', search: '?x=1' }, history)).toBe('a/b');
    expect(addresses).toEqual(['/?x=1']);
  });

  it('leaves every other address alone', () => {
    const history = { replaceState: () => expect.unreachable('the address was changed') };
    expect(takeCode({ hash: '#/dashboard/peers', pathname: '/', search: '' }, history)).toBeNull();
  });
});
