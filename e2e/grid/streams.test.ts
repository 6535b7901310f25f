import { request as httpRequest } from 'node:http';
import { describe, expect, it } from 'vitest';
import { chat, peerOf, startTestGrid, until } from './test-grid.ts';

const many = Array.from({ length: 400 }, (_, index) => `t${index} `);

/** Starts a stream and leaves after the first bytes. */
function hangUpAfterFirstBytes(api: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const url = new URL(`${api}/chat/completions`);
    const request = httpRequest(
      url,
      { method: 'POST', headers: { 'content-type': 'application/json' } },
      (response) => {
        response.once('data', () => {
          request.destroy();
          resolve();
        });
        response.on('error', () => undefined);
      },
    );
    request.on('error', reject);
    request.end(JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'hello' }] }));
  });
}

describe('a request through router and worker', () => {
  it('answers one JSON document to a client that wants no stream', async () => {
    await using worker = await startTestGrid({ roles: 'worker' });
    await using router = await startTestGrid({ roles: 'router', peers: [peerOf(worker)] });
    const { status, text } = await chat(router.api, { stream: false });
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({
      object: 'chat.completion',
      model: 'm',
      choices: [{ index: 0, message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 },
    });
  });

  it('tells who answered and under which job', async () => {
    await using worker = await startTestGrid({ roles: 'worker' });
    await using router = await startTestGrid({ roles: 'router', peers: [peerOf(worker)] });
    const { headers } = await chat(router.api);
    expect(headers.get('x-lobstah-worker')).toBe(worker.grid.pubkey);
    expect(headers.get('x-lobstah-job')).toMatch(/^[0-9a-f]{64}$/);
  });

  it('a client that hangs up stops the engine, and pays for what came', async () => {
    await using worker = await startTestGrid({ roles: 'worker', script: { tokens: many, tokenDelayMs: 20 } });
    await using router = await startTestGrid({ roles: 'router', peers: [peerOf(worker)] });
    await hangUpAfterFirstBytes(router.api);
    await until(() => worker.engine.aborted === 1, 'the engine was stopped');
    await until(() => worker.books.entries({ limit: 1 }).length === 1, 'the part was receipted');
    const entry = worker.books.entries({ limit: 1 })[0];
    expect(entry?.kind).toBe('served');
    expect(entry?.outputTokens).toBeGreaterThan(0);
    expect(entry?.outputTokens).toBeLessThan(many.length);
    // The place is free again.
    worker.engine.script = { tokens: ['ok'] };
    expect(await chat(router.api)).toMatchObject({ content: 'ok', done: true });
  });

  it('an engine that fails before its first token is passed over in silence', async () => {
    const failing = { failAfter: { tokens: 0, error: new Error('boom') } };
    await using bad = await startTestGrid({ roles: 'worker', script: failing });
    await using good = await startTestGrid({
      roles: 'worker',
      script: { tokens: ['ok'] },
      settings: { worker: { tier: 'batch' } },
    });
    await using router = await startTestGrid({ roles: 'router', peers: [peerOf(bad), peerOf(good)] });
    expect(await chat(router.api)).toMatchObject({ status: 200, content: 'ok', done: true });
    expect(bad.engine.asked).toHaveLength(1);
    expect(bad.books.entries({ limit: 1 })).toEqual([]);
  });

  it('an engine that fails in the middle ends the stream with an error, and nobody is billed', async () => {
    // With a pause: what comes in one packet with the failure has been shown to nobody, and another peer may take over.
    const failing = { tokens: ['a', 'b', 'c'], tokenDelayMs: 100, failAfter: { tokens: 2, error: new Error('boom') } };
    await using worker = await startTestGrid({ roles: 'worker', script: failing });
    await using router = await startTestGrid({ roles: 'router', peers: [peerOf(worker)] });
    const answer = await chat(router.api);
    expect(answer).toMatchObject({ status: 200, content: 'ab', done: false, error: { code: 'peer_lost' } });
    expect(worker.books.entries({ limit: 1 })).toEqual([]);
    expect(router.books.entries({ limit: 1 })).toEqual([]);
  });

  it('without a stream, also a failure in the middle is passed over: nobody has seen the part', async () => {
    const failing = { tokens: ['a', 'b', 'c'], failAfter: { tokens: 2, error: new Error('boom') } };
    await using bad = await startTestGrid({ roles: 'worker', script: failing });
    await using good = await startTestGrid({
      roles: 'worker',
      script: { tokens: ['ok'] },
      settings: { worker: { tier: 'batch' } },
    });
    await using router = await startTestGrid({ roles: 'router', peers: [peerOf(bad), peerOf(good)] });
    const { status, text } = await chat(router.api, { stream: false });
    expect(status).toBe(200);
    expect((JSON.parse(text) as { choices: [{ message: { content: string } }] }).choices[0].message.content).toBe('ok');
  });

  it('the own machine comes first', async () => {
    await using other = await startTestGrid({ roles: 'worker', script: { tokens: ['other'] } });
    await using own = await startTestGrid({ roles: 'both', script: { tokens: ['own'] }, peers: [peerOf(other)] });
    for (let i = 0; i < 5; i += 1) expect((await chat(own.api)).content).toBe('own');
    expect(other.engine.asked).toEqual([]);
  });

  it('lobstah/auto takes what there is, under its real name', async () => {
    await using own = await startTestGrid({ roles: 'both' });
    const answer = await chat(own.api, { model: 'lobstah/auto' });
    expect(answer).toMatchObject({ status: 200, content: 'Hello' });
    expect(answer.text).toContain('"model":"m"');
  });

  it('a model for own use only is for the owner, and invisible to others', async () => {
    const script = { models: [{ name: 'm', ownUseOnly: true }] };
    await using own = await startTestGrid({ roles: 'both', script });
    await using other = await startTestGrid({ roles: 'router', peers: [peerOf(own)] });
    expect((await chat(own.api)).content).toBe('Hello');
    expect(await chat(other.api)).toMatchObject({ status: 503, error: { code: 'no_capable_peer' } });
    const capacity = (await (await fetch(`${own.grid.workerUrl}/capacity`)).json()) as { models: string[] };
    expect(capacity.models).toEqual([]);
  });

  it('one key with many requests does not keep another out', async () => {
    await using worker = await startTestGrid({
      roles: 'worker',
      script: { tokens: many.slice(0, 10), tokenDelayMs: 10 },
    });
    await using greedy = await startTestGrid({ roles: 'router', peers: [peerOf(worker)] });
    await using modest = await startTestGrid({ roles: 'router', peers: [peerOf(worker)] });
    const ends: string[] = [];
    const ask = (who: string, api: string) => chat(api, { max_tokens: 20 }).then(() => ends.push(who));
    const all = Array.from({ length: 6 }, () => ask('greedy', greedy.api));
    await until(() => worker.engine.asked.length > 0, 'the first runs');
    all.push(ask('modest', modest.api));
    await Promise.all(all);
    expect(ends.indexOf('modest')).toBeLessThanOrEqual(2);
  });

  it('a blocked peer is neither asked nor served, and an undone removal brings it back', async () => {
    await using a = await startTestGrid({ roles: 'both' });
    await using b = await startTestGrid({ roles: 'router', peers: [peerOf(a)] });
    await a.grid.command('addPeer', { pubkey: b.grid.pubkey, url: 'http://127.0.0.1:9' });
    expect((await chat(b.api)).status).toBe(200);
    await a.grid.command('setPeerBlocked', { pubkey: b.grid.pubkey, blocked: true });
    expect((await chat(b.api)).status).toBe(502);
    const { removed } = (await a.grid.command('removePeer', { pubkey: b.grid.pubkey })) as { removed: object };
    expect((await chat(b.api)).status).toBe(200);
    await a.grid.command('addPeer', removed);
    expect(a.grid.snapshot().peers.map(({ pubkey }) => pubkey)).toEqual([b.grid.pubkey]);
  });

  it('refuses what nobody can honour, by name', async () => {
    await using router = await startTestGrid({ roles: 'both' });
    expect(await chat(router.api, { n: 2 })).toMatchObject({ status: 400, error: { code: 'unsupported_parameter' } });
    expect(await chat(router.api, { messages: [] })).toMatchObject({ status: 400, error: { code: 'bad_request' } });
    expect(await chat(router.api, { messages: [{ role: 'king', content: 'x' }] })).toMatchObject({ status: 400 });
    expect(await chat(router.api, { model: 'nope' })).toMatchObject({
      status: 503,
      error: { code: 'no_capable_peer' },
    });
  });

  it('an unknown key beyond the gift budget is told so; the switch off refuses everybody else', async () => {
    await using worker = await startTestGrid({ roles: 'both' });
    const capacity = async () =>
      (await (await fetch(`${worker.grid.workerUrl}/capacity`)).json()) as { sharing: string };
    expect((await capacity()).sharing).toBe('ready');
    await worker.grid.command('pauseSharing', { minutes: 60 });
    expect((await capacity()).sharing).toBe('paused');
    const refused = await chat(`${worker.grid.workerUrl}/v1`);
    expect(refused.status).toBe(503);
    expect(JSON.stringify(refused.error)).toContain('not_sharing');
    expect(await chat(worker.api)).toMatchObject({ status: 200, content: 'Hello' });
  });
});
