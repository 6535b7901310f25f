import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../app/protocol/canonical-json.ts';
import type { Signer } from '../../app/protocol/ed25519.ts';
import { formatInvite, hashOfSecret, issueInvite, verifyInvite } from '../../app/protocol/invite.ts';
import { encodeHeaderJson } from '../../app/protocol/headers.ts';
import { issueOrder } from '../../app/protocol/order.ts';
import { V1_PRICE } from '../../app/protocol/price.ts';
import { issueRedeem } from '../../app/protocol/redeem.ts';
import { loopbackAddress, OVERLAY_ON } from './overlay-pair.ts';
import type { TestGrid } from './test-grid.ts';
import { chat, newSigner, startTestGrid, until } from './test-grid.ts';

/** Nothing for strangers. */
const NO_GIFT = { worker: { giftTokensPerDay: 0 } };

interface Made {
  link: string;
  inviteId: string;
}

async function invite(maker: TestGrid, wish: object = {}): Promise<Made> {
  return (await maker.grid.command('createInvite', { circle: 'friend', ...wish })) as Made;
}

/** Link, accept, confirm, and both sides know it. */
async function befriend(maker: TestGrid, guest: TestGrid, circle: 'friend' | 'device' = 'friend', wish: object = {}) {
  const { link } = await invite(maker, { circle, ...wish });
  expect(await guest.grid.command('acceptInvite', { link, circle })).toEqual({ state: 'waiting', problem: null });
  expect(maker.grid.snapshot().friends.pending).toMatchObject([{ pubkey: guest.grid.pubkey, circle }]);
  expect(maker.grid.snapshot().friends.friends).toEqual([]);
  await maker.grid.command('confirmFriend', { pubkey: guest.grid.pubkey, circle });
  await until(() => guest.grid.snapshot().friends.friends.length === 1, 'the guest hears that it was confirmed');
  await maker.grid.look();
  await guest.grid.look();
}

/** What a program of its own would send to the maker of an invite. */
async function redeem(worker: TestGrid, link: string, signer: Signer, changes: { secret?: string } = {}) {
  const verified = verifyInvite(link);
  if (!verified) throw new Error('no invite');
  const { circle, inviteId, secret, inviterPubkey } = verified.invite;
  const asked = { circle, inviteId, inviterPubkey, addresses: [], label: 'x', issuedAt: Date.now() };
  return post(worker, issueRedeem(asked, hashOfSecret(changes.secret ?? secret), signer));
}

async function post(worker: TestGrid, body: unknown) {
  const response = await fetch(`${worker.grid.workerUrl}/v1/friends/redeem`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const json = (await response.json()) as { answer?: { state: string }; error?: { type: string } };
  return { status: response.status, said: json.answer?.state ?? json.error?.type };
}

/** What a worker answers to a signed order, word for word. */
async function askDirectly(worker: TestGrid, signer: Signer): Promise<string> {
  const body = JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'hello' }] });
  const now = Date.now();
  const { order, signature } = issueOrder(
    {
      nonce: randomBytes(16).toString('hex'),
      workerPubkey: worker.grid.pubkey,
      model: 'm',
      maxOutputTokens: 100,
      price: V1_PRICE,
      bodySha256: createHash('sha256').update(body).digest('hex'),
      issuedAt: now,
      deadline: now + 60_000,
    },
    signer,
  );
  const response = await fetch(`${worker.grid.workerUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-lobstah-order': encodeHeaderJson({ order, signature }) },
    body,
  });
  return response.text();
}

describe('a friend', () => {
  it('is invited, confirmed, and served beyond the gift up to its own limit, in words when that is spent', async () => {
    await using maker = await startTestGrid({ roles: 'both', settings: NO_GIFT });
    await using guest = await startTestGrid({ roles: 'router' });
    await befriend(maker, guest, 'friend', { tokensPerDay: 15 });
    // Each answer is nine tokens: the first leaves six, the second may overdraw by one request, the third is refused.
    for (const _ of [1, 2]) expect(await chat(guest.api)).toMatchObject({ status: 200, content: 'Hello', done: true });
    const refused = await chat(guest.api);
    expect([refused.status, refused.error?.code]).toEqual([400, 'credit_spent']);
    expect(refused.text).toContain('friend_limit_spent');
    expect(refused.text).toContain('What this worker lets this friend have is used up for today.');
    expect(maker.grid.snapshot().friends.friends).toMatchObject([{ tokensPerDay: 15, usedToday: 18 }]);
    await maker.grid.command('changeFriend', { pubkey: guest.grid.pubkey, tokensPerDay: 100 });
    expect(await chat(guest.api)).toMatchObject({ status: 200 });
    // On its tab, and nothing of it on the gift for strangers.
    expect(maker.books.tabMicro(guest.grid.pubkey)).toBe(27_000_000);
    expect(maker.books.days('').filter(({ kind }) => kind === 'given')).toEqual([]);
    expect(maker.books.giftUsedMicro(maker.books.days('')[0]?.day ?? '')).toBe(0);
    for (const { books } of [maker, guest]) {
      expect(books.audit()).toMatchObject({ unbalanced: [], wrongBalances: [] });
      expect(await books.verify()).toMatchObject({ ok: true, entries: 3 });
    }
  });

  it('that is removed while it is served is told so within a second, and not served again', async () => {
    await using maker = await startTestGrid({
      roles: 'worker',
      settings: { worker: { giftTokensPerDay: 0, concurrency: 2 } },
      script: { tokens: ['one ', 'two '], hangAfter: 1 },
    });
    await using guest = await startTestGrid({ roles: 'router' });
    await befriend(maker, guest);
    // Once by a router, whose client has seen a part of the answer, and once as the worker itself says it.
    const routed = chat(guest.api);
    const direct = askDirectly(maker, guest.signer);
    await until(() => maker.grid.snapshot().jobs.length === 2, 'both jobs run');
    await until(() => guest.grid.snapshot().jobs[0]?.phase === 'streaming', 'a part of the answer has come');
    const removedMs = performance.now();
    await maker.grid.command('removeFriend', { pubkey: guest.grid.pubkey });
    const [{ error, content, done }, said] = await Promise.all([routed, direct]);
    expect(performance.now() - removedMs).toBeLessThan(1_000);
    expect([content, done, error?.code]).toEqual(['one ', false, 'peer_lost']);
    expect(said).toContain('"type":"friendship_ended"');
    expect(said).not.toContain('[DONE]');
    expect([maker.engine.aborted, maker.grid.snapshot().jobs]).toEqual([2, []]);
    const again = await chat(guest.api);
    // On the terms of a stranger again; what it was given before it was stopped may be on its tab.
    expect(again.text).toMatch(/gift_spent|insufficient_credit/);
    expect(maker.grid.snapshot().friends.friends).toEqual([]);
  });

  it('whose time is over is a stranger', async () => {
    const clock = { aheadMs: 0 };
    await using maker = await startTestGrid({
      roles: 'worker',
      settings: NO_GIFT,
      overrides: { nowMs: () => Date.now() + clock.aheadMs },
    });
    await using guest = await startTestGrid({ roles: 'router' });
    await befriend(maker, guest, 'friend', { friendUntilMs: Date.now() + 60_000 });
    expect(await chat(guest.api)).toMatchObject({ status: 200 });
    clock.aheadMs = 61_000;
    expect((await chat(guest.api)).text).toContain('insufficient_credit');
  });

  it('is the only one that lobstah/friends asks; strangers and the own machine see nothing of the prompt', async () => {
    await using stranger = await startTestGrid({ roles: 'worker' });
    await using maker = await startTestGrid({ roles: 'worker' });
    await using guest = await startTestGrid({
      roles: 'both',
      peers: [{ pubkey: stranger.grid.pubkey, url: stranger.grid.workerUrl ?? '' }],
    });
    const models = async () => {
      const list = (await (await fetch(`${guest.api}/models`)).json()) as { data: { id: string }[] };
      return list.data.map(({ id }) => id);
    };
    expect(await models()).not.toContain('lobstah/friends');
    const nobody = await chat(guest.api, { model: 'lobstah/friends' });
    expect(nobody.error?.code).toBe('no_capable_peer');
    await befriend(maker, guest);
    expect(await models()).toContain('lobstah/friends');
    const answer = await chat(guest.api, { model: 'lobstah/friends' });
    expect(answer).toMatchObject({ status: 200, content: 'Hello' });
    expect(answer.headers.get('x-lobstah-worker')).toBe(maker.grid.pubkey);
    expect([stranger.engine.asked.length, guest.engine.asked.length, maker.engine.asked.length]).toEqual([0, 0, 1]);
    await maker.grid.stop();
    expect((await chat(guest.api, { model: 'lobstah/friends' })).status).toBeGreaterThanOrEqual(502);
    expect([stranger.engine.asked.length, guest.engine.asked.length]).toEqual([0, 0]);
  });
});

describe('an invite', () => {
  it('is for the first key that redeems it; a copy sent again changes nothing', async () => {
    await using maker = await startTestGrid({ roles: 'worker' });
    const { link } = await invite(maker);
    const [first, second] = [newSigner(), newSigner()];
    expect(await redeem(maker, link, first, { secret: '00'.repeat(16) })).toEqual({
      status: 400,
      said: 'invite_invalid',
    });
    const verified = verifyInvite(link)!.invite;
    const { circle, inviteId, inviterPubkey } = verified;
    const sent = issueRedeem(
      { circle, inviteId, inviterPubkey, addresses: [], label: 'first', issuedAt: Date.now() },
      hashOfSecret(verified.secret),
      first,
    );
    for (const _ of [1, 2]) expect(await post(maker, sent)).toEqual({ status: 200, said: 'waiting' });
    expect(await redeem(maker, link, second)).toEqual({ status: 409, said: 'invite_used' });
    expect(maker.grid.snapshot().friends.pending).toMatchObject([{ pubkey: first.pubkey, label: 'first' }]);
    await maker.grid.command('refuseFriend', { pubkey: first.pubkey, circle });
    expect(await redeem(maker, link, first)).toEqual({ status: 200, said: 'refused' });
    expect(maker.grid.snapshot().friends.friends).toEqual([]);
  });

  it('that many redeem at once has one winner', async () => {
    await using maker = await startTestGrid({ roles: 'worker' });
    const { link } = await invite(maker);
    const said = await Promise.all(Array.from({ length: 8 }, () => redeem(maker, link, newSigner())));
    expect(said.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409, 409, 409, 409]);
  });

  it('that is expired, forged, of another maker, withdrawn or one’s own is refused in words', async () => {
    const clock = { aheadMs: 0 };
    await using maker = await startTestGrid({
      roles: 'worker',
      overrides: { nowMs: () => Date.now() + clock.aheadMs },
    });
    await using guest = await startTestGrid({ roles: 'router' });
    const accept = (link: string, circle = 'friend') => guest.grid.command('acceptInvite', { link, circle });
    const { link, inviteId } = await invite(maker, { expiresInHours: 0.02 });
    await expect(maker.grid.command('acceptInvite', { link, circle: 'friend' })).rejects.toThrow(
      /You made this invite/,
    );
    await expect(accept(link.replace('as=friend', 'as=device'), 'device')).rejects.toMatchObject({
      code: 'invite_invalid',
    });
    await expect(accept(link, 'device')).rejects.toThrow(
      /makes you friends with another person.*lobstah invite accept/,
    );
    // Signed by somebody else, who names the worker of the maker.
    const other = newSigner();
    const foreign = issueInvite(
      {
        circle: 'friend',
        addresses: [maker.grid.workerUrl ?? ''],
        label: 'x',
        inviteId,
        secret: randomBytes(16).toString('hex'),
        expiresAt: Date.now() + 60_000,
      },
      other,
    );
    await expect(accept(formatInvite(foreign))).rejects.toMatchObject({ code: 'invite_invalid' });
    const forged = { ...foreign.invite, inviterPubkey: maker.grid.pubkey };
    const badly = formatInvite({ invite: forged, signature: other.sign(canonicalJson(forged)) });
    await expect(accept(badly)).rejects.toMatchObject({ code: 'invite_invalid' });
    // The maker's clock decides, though the guest still takes it for good.
    clock.aheadMs = 100_000;
    await expect(accept(link)).rejects.toMatchObject({ code: 'invite_expired' });
    clock.aheadMs = 0;
    await maker.grid.command('withdrawInvite', { inviteId });
    await expect(accept(link)).rejects.toMatchObject({ code: 'invite_invalid' });
    expect(guest.grid.snapshot().friends.asked).toEqual([]);
    expect(maker.grid.snapshot().friends.pending).toEqual([]);
  });

  it('confirmed for a friend lets no device in, though the same key asked for both', async () => {
    await using maker = await startTestGrid({ roles: 'worker' });
    const signer = newSigner();
    for (const circle of ['device', 'friend', 'friend'])
      expect(await redeem(maker, (await invite(maker, { circle })).link, signer)).toEqual({
        status: 200,
        said: 'waiting',
      });
    expect(maker.grid.snapshot().friends.pending).toMatchObject([{ circle: 'device' }, { circle: 'friend' }]);
    await maker.grid.command('confirmFriend', { pubkey: signer.pubkey, circle: 'friend' });
    const { pending, friends } = maker.grid.snapshot().friends;
    expect([pending, friends]).toMatchObject([[{ circle: 'device' }], [{ circle: 'friend' }]]);
  });

  it('leaves no secret behind: only a hash, in a file for the owner alone', async () => {
    await using maker = await startTestGrid({ roles: 'worker' });
    await using guest = await startTestGrid({ roles: 'router' });
    const { link } = await invite(maker);
    const { secret } = verifyInvite(link)!.invite;
    await guest.grid.command('acceptInvite', { link, circle: 'friend' });
    for (const { home } of [maker, guest]) {
      const file = join(home, 'friends.json');
      expect(readFileSync(file, 'utf8')).not.toContain(secret);
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(readFileSync(join(home, 'logs', 'lobstah.log'), 'utf8')).not.toContain(secret);
    }
  });

  it('cannot be guessed at any speed', async () => {
    await using maker = await startTestGrid({ roles: 'worker' });
    const { link } = await invite(maker);
    const signer = newSigner();
    const said = [];
    for (let guess = 0; guess < 25; guess += 1)
      said.push((await redeem(maker, link, signer, { secret: randomBytes(16).toString('hex') })).status);
    expect(said.slice(0, 20)).toEqual(Array(20).fill(400));
    expect(said.slice(-4)).toEqual([429, 429, 429, 429]);
  });
});

it('an invite that names a key and no port makes friends over the overlay', async () => {
  await using maker = await startTestGrid({ roles: 'worker', settings: { ...OVERLAY_ON, ...NO_GIFT } });
  await using guest = await startTestGrid({ roles: 'router', settings: OVERLAY_ON });
  await befriend(maker, guest, 'friend', { addresses: [loopbackAddress(maker)] });
  expect(guest.grid.snapshot().peers).toMatchObject([{ pubkey: maker.grid.pubkey, path: 'direct', circle: 'friend' }]);
  expect(await chat(guest.api, { model: 'lobstah/friends' })).toMatchObject({ status: 200, content: 'Hello' });
});

describe('private mode', () => {
  it('serves friends and refuses everybody else in words; strangers are told of no model', async () => {
    await using maker = await startTestGrid({ roles: 'worker' });
    await using friend = await startTestGrid({ roles: 'router' });
    await befriend(maker, friend);
    const peer = { pubkey: maker.grid.pubkey, url: maker.grid.workerUrl ?? '' };
    await using stranger = await startTestGrid({ roles: 'router', peers: [peer] });
    expect(await chat(stranger.api)).toMatchObject({ status: 200 });
    await maker.grid.command('setFriendsOnly', { on: true });
    const refused = await chat(stranger.api);
    expect(refused.text).toContain('friends_only');
    expect(refused.text).toContain('The owner of this worker serves friends and own devices only.');
    const direct = await fetch(`${maker.grid.workerUrl}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hello' }] }),
    });
    expect([direct.status, ((await direct.json()) as { error: { type: string } }).error.type]).toEqual([
      503,
      'friends_only',
    ]);
    const capacity = await (await fetch(`${maker.grid.workerUrl}/capacity`)).json();
    expect(capacity).toMatchObject({ models: [], offers: [], sharing: 'paused' });
    expect(await chat(friend.api)).toMatchObject({ status: 200, content: 'Hello' });
    await maker.grid.command('setFriendsOnly', { on: false });
    await stranger.grid.look();
    expect(await chat(stranger.api)).toMatchObject({ status: 200 });
  });
});

describe('two devices of one owner', () => {
  it('serve each other for nothing, first after the own machine, and both books agree', async () => {
    await using friend = await startTestGrid({ roles: 'worker' });
    await using one = await startTestGrid({ roles: 'both', settings: NO_GIFT });
    await using two = await startTestGrid({
      roles: 'both',
      settings: NO_GIFT,
      peers: [{ pubkey: friend.grid.pubkey, url: friend.grid.workerUrl ?? '' }],
    });
    await befriend(one, two, 'device');
    for (const [asks, answers] of [
      [two, one],
      [one, two],
    ] as const) {
      const answer = await chat(asks.api, { model: 'lobstah/friends' });
      expect(answer).toMatchObject({ status: 200, done: true });
      expect(answer.headers.get('x-lobstah-worker')).toBe(answers.grid.pubkey);
      const jobId = answer.headers.get('x-lobstah-job') ?? '';
      const [asked, served] = [asks.books.entry(jobId), answers.books.entry(jobId)];
      expect([asked?.kind, asked?.amountMicro, served?.kind, served?.amountMicro]).toEqual(['asked', 0, 'served', 0]);
      expect(asked?.receiptJson).toBe(served?.receiptJson);
    }
    for (const { books, grid } of [one, two]) {
      expect(books.totals()).toMatchObject({ earnedMicro: 0, spentMicro: 0, givenMicro: 0, jobs: 2 });
      expect(books.audit()).toMatchObject({ entries: 2, unbalanced: [], wrongBalances: [] });
      expect(await books.verify()).toMatchObject({ ok: true, problemCount: 0 });
      expect(grid.snapshot().friends.friends).toMatchObject([{ circle: 'device', usedToday: 0 }]);
    }
    expect(friend.engine.asked).toEqual([]);
    // Ended on one side: no longer free, and said so.
    await one.grid.command('removeFriend', { pubkey: two.grid.pubkey });
    expect((await chat(two.api, { model: 'lobstah/friends' })).text).toContain('order_invalid');
  });
});
