import { describe, expect, it } from 'vitest';
import { startFakeIdleClaw, type FakeIdleClaw } from '../../app/idleclaw/testing/fake-idleclaw.ts';
import { chat, startTestGrid, until, type TestGrid } from './test-grid.ts';

/** Somebody else's machine, behind the server. */
async function contributor(hub: FakeIdleClaw, tokens: readonly string[] = ['Hel', 'lo']): Promise<TestGrid> {
  const grid = await startTestGrid({
    roles: 'worker',
    script: { models: [{ name: 'far:1b' }], tokens },
    settings: { idleclaw: { contribute: true, servers: [hub.url] } },
  });
  await until(() => hub.listed.length === 1, 'it is listed');
  return grid;
}

/** A machine with a router and no engine of its own. */
const asker = (hub: FakeIdleClaw, consume = true) =>
  startTestGrid({ roles: 'router', settings: { idleclaw: { consume, servers: [hub.url] } } });

const ENTRIES = { limit: 10, cursor: undefined, kind: undefined, search: undefined, peers: [] } as const;

describe('IdleClaw as the last resort of the router', () => {
  it('answers when no peer can, marked as such, unpaid and without a receipt', async () => {
    await using hub = await startFakeIdleClaw();
    await using _ = await contributor(hub);
    await using home = await asker(hub);
    const answer = await chat(home.api, { model: 'far:1b' });
    expect(answer).toMatchObject({ status: 200, content: 'Hello', done: true });
    expect(answer.headers.get('x-lobstah-source')).toBe(`IdleClaw ${new URL(hub.url).host}`);
    expect(answer.headers.get('x-lobstah-worker')).toBeNull();
    expect(answer.text).not.toContain('receipt');
    expect((await home.books.page(ENTRIES)).entries).toEqual([]);
    expect(hub.chats).toEqual([{ model: 'far:1b', messages: [{ role: 'user', content: 'hello' }] }]);
  });

  it('gives one whole answer to who asked for no stream, and picks a model for who named none', async () => {
    await using hub = await startFakeIdleClaw();
    await using _ = await contributor(hub);
    await using home = await asker(hub);
    const { status, text } = await chat(home.api, { model: 'lobstah/auto', stream: false });
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({
      object: 'chat.completion',
      model: 'far:1b',
      choices: [{ message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }],
    });
  });

  it('is shown while it runs', async () => {
    await using hub = await startFakeIdleClaw();
    await using far = await contributor(hub, Array(200).fill('x') as string[]);
    far.engine.script = { ...far.engine.script, tokenDelayMs: 20 };
    await using home = await asker(hub);
    const answer = fetch(`${home.api}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'far:1b', stream: true, messages: [{ role: 'user', content: 'hello' }] }),
    });
    await until(
      () => home.grid.snapshot().jobs[0]?.with === `IdleClaw ${new URL(hub.url).host}`,
      'the source is in the snapshot',
    );
    // Who leaves ends it everywhere: at the server, at its node, in the engine there.
    await (await answer).body?.cancel();
    await until(() => far.engine.aborted === 1, 'the engine stopped');
  });

  it('is not asked where the owner did not allow it', async () => {
    await using hub = await startFakeIdleClaw();
    await using _ = await contributor(hub);
    await using home = await asker(hub, false);
    const answer = await chat(home.api, { model: 'far:1b' });
    expect(answer).toMatchObject({ status: 503, error: { code: 'no_peers' } });
    expect(hub.paths).toEqual([]);
  });

  it('is not asked while a peer can answer', async () => {
    await using hub = await startFakeIdleClaw();
    await using home = await startTestGrid({
      roles: 'both',
      settings: { idleclaw: { consume: true, servers: [hub.url] } },
    });
    expect(await chat(home.api)).toMatchObject({ status: 200, content: 'Hello' });
    expect(hub.paths).toEqual([]);
  });

  it.each<[string, object]>([
    [
      'a system message',
      {
        messages: [
          { role: 'system', content: 'be short' },
          { role: 'user', content: 'secret' },
        ],
      },
    ],
    ['tools', { tools: [{ type: 'function', function: { name: 'a' } }] }],
    ['more than 10,000 characters', { messages: [{ role: 'user', content: 'x'.repeat(10_001) }] }],
  ])('is sent nothing of a request with %s', async (_what, part) => {
    await using hub = await startFakeIdleClaw();
    await using _ = await contributor(hub);
    await using home = await asker(hub);
    const answer = await chat(home.api, { model: 'far:1b', ...part });
    expect(answer.status).toBe(503);
    expect(answer.error?.message).toContain('was not asked');
    expect(hub.paths).toEqual([]);
  });

  it('has its refusals told in words, and never as a status that makes an agent give up', async () => {
    await using hub = await startFakeIdleClaw();
    await using _ = await contributor(hub);
    await using home = await asker(hub);
    hub.script.chatStatus = { status: 429, body: { detail: 'Too many requests' }, headers: { 'retry-after': '42' } };
    const answer = await chat(home.api, { model: 'far:1b' });
    expect(answer.status).toBe(503);
    expect(answer.error).toMatchObject({ code: 'no_peers' });
    expect(answer.error?.message).toContain('in 42 seconds');
  });

  it('turns an error inside its answer into a real one', async () => {
    await using hub = await startFakeIdleClaw();
    await using far = await contributor(hub);
    await using home = await asker(hub);
    far.engine.script = { ...far.engine.script, failAfter: { tokens: 0, error: new Error('x') } };
    const before = await chat(home.api, { model: 'far:1b' });
    expect(before.status).toBe(503);
    expect(before.error?.message).toContain('says: ollama_error');
    far.engine.script = { ...far.engine.script, failAfter: { tokens: 1, error: new Error('x') } };
    const middle = await chat(home.api, { model: 'far:1b' });
    expect(middle).toMatchObject({ status: 200, content: 'Hel', done: false, error: { code: 'peer_lost' } });
    expect(middle.text).not.toContain('[Error');
  });
});
