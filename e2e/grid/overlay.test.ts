import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { OverlayView } from '../../app/contract/snapshot.ts';
import { issueHello } from '../../app/protocol/hello.ts';
import { issueOrder } from '../../app/protocol/order.ts';
import { encodeHeaderJson } from '../../app/protocol/headers.ts';
import type { Signer } from '../../app/protocol/ed25519.ts';
import { createHome, runLobstah, startLobstah } from './lobstah-process.ts';
import { loopbackAddress, OVERLAY_ON, startBareDialler, startOverlayPair, udpSocketsOf } from './overlay-pair.ts';
import { chat, newSigner, startTestGrid, until } from './test-grid.ts';

const BODY = JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'hello' }] });

function orderOf(signer: Signer, workerPubkey: Signer['pubkey']): string {
  const { order, signature } = issueOrder(
    {
      nonce: randomBytes(16).toString('hex'),
      workerPubkey,
      model: 'm',
      maxOutputTokens: 100,
      price: { input: 1_000_000, output: 1_000_000 },
      bodySha256: createHash('sha256').update(BODY).digest('hex'),
      issuedAt: Date.now(),
      deadline: Date.now() + 60_000,
    },
    signer,
  );
  return encodeHeaderJson({ order, signature });
}

describe('over the overlay', () => {
  it('a chat streams by key alone, both books hold the same receipt, and the path is shown', async () => {
    await using pair = await startOverlayPair();
    const { serving, asking } = pair;
    const answer = await chat(asking.api);
    expect(answer).toMatchObject({ status: 200, done: true, content: 'Hello' });
    await until(() => asking.books.totals().spentMicro > 0, 'the receipt is in the ledger');
    expect(asking.books.totals().spentMicro).toBe(serving.books.totals().earnedMicro);
    expect(serving.books.tabMicro(asking.signer.pubkey)).toBe(serving.books.totals().earnedMicro);
    const [peer] = asking.grid.snapshot().peers;
    expect(peer).toMatchObject({ state: 'reachable', path: 'direct' });
    expect(peer?.rttMs).toBeTypeOf('number');
  });

  it('64 streams share one connection, and none waits for another', async () => {
    const tokens = Array.from({ length: 20 }, (_, index) => `t${index} `);
    await using pair = await startOverlayPair({
      settings: { ...OVERLAY_ON, worker: { concurrency: 64, giftTokensPerDay: 1_000_000 } },
      script: { tokens, tokenDelayMs: 20 },
    });
    const { serving, asking } = pair;
    // One that nobody reads: whatever it fills must be its own.
    const unread = new AbortController();
    const stuck = await fetch(`${asking.api}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: BODY,
      signal: unread.signal,
    });
    const answers = await Promise.all(Array.from({ length: 63 }, () => chat(asking.api, { max_tokens: 20 })));
    expect(answers.filter(({ done, content }) => done && content === tokens.join(''))).toHaveLength(63);
    const { overlay } = serving.grid.snapshot();
    expect(overlay).toMatchObject({ state: 'on', connections: 1 });
    unread.abort();
    await stuck.text().catch(() => undefined);
  });

  it('a client that hangs up is noticed by the engine at the other end', async () => {
    await using pair = await startOverlayPair({ script: { tokens: ['a', 'b'], hangAfter: 1 } });
    const { serving, asking } = pair;
    const hangUp = new AbortController();
    const answer = fetch(`${asking.api}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: BODY,
      signal: hangUp.signal,
    });
    await until(() => serving.engine.asked.length === 1, 'the engine is asked');
    hangUp.abort();
    await answer.then((response) => response.text()).catch(() => undefined);
    await until(() => serving.engine.aborted === 1, 'the engine is told');
  });
});

describe('the key of the connection is the requester', () => {
  it('no header can name another, with or without a good signature', async () => {
    await using serving = await startTestGrid({ roles: 'worker', settings: OVERLAY_ON });
    await using dialler = await startBareDialler(loopbackAddress(serving));
    const victim = newSigner();
    const worker = serving.signer.pubkey;
    const forged: Record<string, string>[] = [
      { 'x-lobstah-requester': victim.pubkey },
      { 'x-lobstah-requester': worker },
      { 'x-lobstah-order': orderOf(victim, worker) },
      { 'x-lobstah-order': orderOf(serving.signer, worker) },
      { 'x-lobstah-hello': encodeHeaderJson(issueHello(worker, Date.now(), serving.signer)) },
    ];
    for (const headers of forged) {
      const { status, text } = await dialler.ask('/v1/chat/completions', headers, BODY);
      expect({ status, text }).toMatchObject({ status: 403, text: expect.stringContaining('requester_mismatch') });
    }
    expect(serving.engine.asked).toHaveLength(0);
    expect(serving.books.tabs()).toEqual([]);
  });

  it('its own order is served, on its own tab', async () => {
    await using serving = await startTestGrid({ roles: 'worker', settings: OVERLAY_ON });
    await using dialler = await startBareDialler(loopbackAddress(serving));
    const { signer } = dialler;
    const { status, text } = await dialler.ask(
      '/v1/chat/completions',
      { 'x-lobstah-order': orderOf(signer, serving.signer.pubkey), 'x-lobstah-requester': signer.pubkey },
      BODY,
    );
    expect(status).toBe(200);
    expect(text).toContain('data: [DONE]');
    expect(serving.books.tabMicro(signer.pubkey)).toBe(9_000_000);
  });

  it('without an order it is a stranger, named in the receipt by the key it proved', async () => {
    await using serving = await startTestGrid({ roles: 'worker', settings: OVERLAY_ON });
    await using dialler = await startBareDialler(loopbackAddress(serving));
    const { text } = await dialler.ask('/v1/chat/completions', {}, BODY);
    const receipt = /:lobstah-receipt:(\S+)/.exec(text)?.[1] ?? '';
    expect(Buffer.from(receipt, 'base64').toString()).toContain(dialler.signer.pubkey);
    expect(serving.books.tabs()).toEqual([]);
  });

  it('whom the owner blocked is not let in, and not answered on a connection there was', async () => {
    await using serving = await startTestGrid({ roles: 'worker', settings: OVERLAY_ON });
    await using dialler = await startBareDialler(loopbackAddress(serving));
    const { pubkey } = dialler.signer;
    expect((await dialler.ask('/capacity')).status).toBe(200);
    await serving.grid.command('addPeer', { pubkey, url: pubkey });
    await serving.grid.command('setPeerBlocked', { pubkey, blocked: true });
    expect((await dialler.ask('/capacity')).text).toContain('not_sharing');
  });
});

describe('the switch', () => {
  it('a peer by key is not dialled while it is off, and the reason is said', async () => {
    await using pair = await startOverlayPair();
    const { asking } = pair;
    expect((await chat(asking.api)).done).toBe(true);
    await asking.grid.command('setOverlay', { state: 'off' });
    const { pubkey } = pair.serving.grid;
    await asking.grid.command('checkPeer', { pubkey });
    expect(asking.grid.snapshot().peers[0]).toMatchObject({
      path: 'overlay',
      problem: expect.stringContaining('over the overlay, which is off'),
    });
    await asking.grid.command('setOverlay', { state: 'on', relay: 'none', relayOnly: false });
    expect(await asking.grid.command('checkPeer', { pubkey })).toMatchObject({ reachable: true });
  });

  it.runIf(process.platform === 'linux')(
    'off opens no socket, on opens one, relay-only one that only this machine reaches, off closes all',
    async () => {
      const home = createHome();
      const lobstah = await startLobstah(['up'], { home });
      const overlay = async (...args: string[]) => {
        const { code, stdout, stderr } = await runLobstah(['overlay', ...args, '--json'], { home });
        if (code !== 0) throw new Error(stderr);
        return JSON.parse(stdout) as OverlayView;
      };
      const sockets = () => udpSocketsOf(lobstah.child.pid ?? 0);
      try {
        expect(await overlay('status')).toEqual({ state: 'off' });
        expect(sockets()).toEqual([]);
        const on = await overlay('on', '--relay', 'none');
        expect(on).toMatchObject({ state: 'on', problem: null, address: expect.stringContaining('at=') });
        expect(sockets()).not.toEqual([]);
        expect(await overlay('on', '--relay', 'http://127.0.0.1:9', '--relay-only')).toMatchObject({
          state: 'on',
          // no address is given away
          address: `iroh:${lobstah.pubkey.slice(4)}`,
        });
        // 127.0.0.1 and ::1 as the kernel prints them
        await until(
          () => sockets().every((socket) => /^udp 0100007F:|^udp6 0{24}01000000:/.test(socket)),
          'every socket is on loopback',
        );
        expect(sockets()).not.toEqual([]);
        expect(await overlay('off')).toEqual({ state: 'off' });
        await until(() => sockets().length === 0, 'no socket is left');
      } finally {
        await lobstah.stop();
      }
    },
  );

  it('a relay that is none is refused, and so is relay-only without one', async () => {
    const home = createHome();
    for (const args of [
      ['--relay', 'ftp://x'],
      ['--relay', 'none', '--relay-only'],
    ]) {
      const { code, stderr } = await runLobstah(['overlay', 'on', ...args], { home });
      expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('relay') });
    }
    expect(JSON.parse((await runLobstah(['overlay', 'status', '--json'], { home })).stdout)).toEqual({ state: 'off' });
  });
});
