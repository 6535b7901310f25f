import { gunzipSync } from 'node:zlib';
import { request } from 'undici';
import { describe, expect, it } from 'vitest';
import { parseProxyRange } from '../http/client-network.ts';
import { issueUnannounce, verifyAnnouncement } from '../protocol/announcement.ts';
import { announcementOf, signerOf, startTestTracker, T0, type TestTracker } from './testing/test-tracker.ts';

const mac = signerOf('mac');

interface List {
  version: number;
  count: number;
  peers: { announcement: { pubkey: string; url: string; announcedAt: number } }[];
  removed?: string[];
}

async function list({ url }: TestTracker, query = '', headers: Record<string, string> = {}) {
  const response = await fetch(`${url}/peers${query}`, { headers });
  const etag = response.headers.get('etag') ?? '';
  return {
    status: response.status,
    etag,
    body: response.status === 200 ? ((await response.json()) as List) : undefined,
  };
}

describe('a tracker, as v1 knows it', () => {
  it('takes an announcement, lists it word for word, and takes it back', async () => {
    await using tracker = await startTestTracker();
    const signed = announcementOf(mac, { label: 'my-mac', models: ['m'], tier: 'batch' });
    expect(await tracker.post('/announce', signed)).toEqual({
      status: 200,
      body: { ok: true, pubkey: mac.pubkey, ttlSeconds: 300, registeredCount: 1 },
    });
    const { body } = await list(tracker);
    expect(body).toEqual({ version: 1, count: 1, peers: [signed] });
    expect(verifyAnnouncement(body?.peers[0])).toBeDefined();
    const wish = issueUnannounce(T0 + 1, mac);
    expect(await tracker.post('/unannounce', wish)).toEqual({ status: 200, body: { ok: true, removed: true } });
    expect(await tracker.post('/unannounce', wish)).toEqual({ status: 200, body: { ok: true, removed: false } });
    expect((await list(tracker)).body).toEqual({ version: 1, count: 0, peers: [] });
    expect(await (await fetch(tracker.url)).json()).toMatchObject({ name: 'lobstah-tracker' });
  });

  it.each([
    ['signed by somebody else', { ...announcementOf(mac), signature: signerOf('evil').sign('x') }, 'bad-signature'],
    ['older than its ttl', announcementOf(mac, { announcedAt: T0 - 300_001 }), 'stale'],
    ['from the future', announcementOf(mac, { announcedAt: T0 + 300_001 }), 'future'],
    ['that is none', { announcement: {}, signature: '' }, 'malformed'],
    ['that is a number', 7, 'malformed'],
  ])('refuses an announcement %s', async (_name, signed, reason) => {
    await using tracker = await startTestTracker();
    const answer = await tracker.post('/announce', signed);
    expect(answer).toMatchObject({ status: 400, body: { error: { type: 'rejected', reason } } });
    expect((await list(tracker)).body?.count).toBe(0);
  });

  it.each([
    ['/announce', '{"a":', 400, 'bad_json'],
    ['/unannounce', 'undefined', 400, 'bad_json'],
    ['/announce', '', 400, 'bad_json'],
    ['/announce', JSON.stringify('x'.repeat(20_000)), 413, 'body_too_large'],
    ['/announce', '['.repeat(8_000) + ']'.repeat(8_000), 400, 'rejected'],
    ['/nothing', '{}', 404, 'not_found'],
  ])('answers %s of %.20s with %i, never 500', async (path, body, status, type) => {
    await using tracker = await startTestTracker();
    expect(await tracker.post(path, body)).toMatchObject({ status, body: { error: { type } } });
  });

  it('does not take a wish to be forgotten that names no time (v1 took one signed over "undefined")', async () => {
    await using tracker = await startTestTracker();
    await tracker.post('/announce', announcementOf(mac));
    const signature = mac.sign(`unannounce:${mac.pubkey}:undefined`);
    for (const wish of [
      { pubkey: mac.pubkey, signature },
      issueUnannounce(T0 - 300_001, mac),
      issueUnannounce(T0 + 300_001, mac),
    ])
      expect(await tracker.post('/unannounce', wish)).toMatchObject({
        status: 400,
        body: { error: { type: 'rejected' } },
      });
    expect((await list(tracker)).body?.count).toBe(1);
  });
});

describe('floods', () => {
  it('of replayed, older and forged announcements change nothing', async () => {
    await using tracker = await startTestTracker({ limits: { announcesPerKey: { burst: 1000, perMinute: 1000 } } });
    const old = announcementOf(mac, { announcedAt: T0 - 10_000, url: 'https://old.example' });
    const now = announcementOf(mac);
    await tracker.post('/announce', old);
    await tracker.post('/announce', now);
    const before = await list(tracker);
    for (let i = 0; i < 5; i += 1) {
      expect(await tracker.post('/announce', old)).toMatchObject({ status: 400, body: { error: { reason: 'older' } } });
      expect(await tracker.post('/announce', now)).toMatchObject({ status: 200 });
      const forged = { announcement: { ...now.announcement, url: 'https://evil.example' }, signature: now.signature };
      expect(await tracker.post('/announce', forged)).toMatchObject({ body: { error: { reason: 'bad-signature' } } });
      expect(await tracker.post('/unannounce', issueUnannounce(T0 - 1, mac))).toMatchObject({
        body: { removed: false },
      });
    }
    expect(await list(tracker)).toEqual(before);
  });

  it('what was taken back does not come again by a replay', async () => {
    await using tracker = await startTestTracker();
    const signed = announcementOf(mac, { ttlSeconds: 3600 });
    await tracker.post('/announce', signed);
    await tracker.post('/unannounce', issueUnannounce(T0 + 1, mac));
    tracker.setNow(T0 + 3_000_000);
    expect(await tracker.post('/announce', signed)).toMatchObject({ body: { error: { reason: 'older' } } });
    expect((await list(tracker)).body?.count).toBe(0);
  });

  it('from one address are told to wait, and for how long', async () => {
    await using tracker = await startTestTracker({
      limits: { announces: { burst: 2, perMinute: 60 }, reads: { burst: 1, perMinute: 60 } },
    });
    await tracker.post('/announce', announcementOf(mac));
    await tracker.post('/announce', 'junk');
    expect(await tracker.post('/announce', announcementOf(mac))).toMatchObject({
      status: 429,
      body: { error: { type: 'rate_limited' } },
    });
    await list(tracker);
    const answer = await fetch(`${tracker.url}/peers`);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '1']);
    tracker.setNow(T0 + 1_000);
    expect((await list(tracker)).status).toBe(200);
  });

  it('of one key are told to wait; forged ones in its name do not count', async () => {
    await using tracker = await startTestTracker({ limits: { announcesPerKey: { burst: 1, perMinute: 1 } } });
    const forged = { ...announcementOf(mac), signature: '00'.repeat(64) };
    for (let i = 0; i < 5; i += 1) expect(await tracker.post('/announce', forged)).toMatchObject({ status: 400 });
    expect(await tracker.post('/announce', announcementOf(mac))).toMatchObject({ status: 200 });
    expect(await tracker.post('/announce', announcementOf(mac))).toMatchObject({ status: 429 });
    expect(await tracker.post('/announce', announcementOf(signerOf('other')))).toMatchObject({ status: 200 });
  });

  it('count by the address that a trusted proxy names, and by nobody else', async () => {
    const limits = { announces: { burst: 1, perMinute: 1 } };
    const proxy = parseProxyRange('127.0.0.0/8');
    await using behind = await startTestTracker({ limits, trustedProxies: proxy ? [proxy] : [] });
    const from = (address: string) => ({ 'x-forwarded-for': address });
    expect(await behind.post('/announce', announcementOf(mac), from('203.0.113.1'))).toMatchObject({ status: 200 });
    expect(await behind.post('/announce', announcementOf(mac), from('203.0.113.2'))).toMatchObject({ status: 200 });
    // The left end is written by the client.
    expect(await behind.post('/announce', announcementOf(mac), from('1.2.3.4, 203.0.113.1'))).toMatchObject({
      status: 429,
    });
    await using open = await startTestTracker({ limits });
    expect(await open.post('/announce', announcementOf(mac), from('203.0.113.1'))).toMatchObject({ status: 200 });
    expect(await open.post('/announce', announcementOf(mac), from('203.0.113.2'))).toMatchObject({ status: 429 });
  });
});

describe('reading', () => {
  it('the same list again costs no list', async () => {
    await using tracker = await startTestTracker();
    await tracker.post('/announce', announcementOf(mac));
    const { etag } = await list(tracker);
    expect((await list(tracker, '', { 'if-none-match': etag })).status).toBe(304);
    await tracker.post('/announce', announcementOf(signerOf('b')));
    expect((await list(tracker, '', { 'if-none-match': etag })).body?.count).toBe(2);
  });

  it('is compressed for who wants it', async () => {
    await using tracker = await startTestTracker();
    await tracker.post('/announce', announcementOf(mac));
    const { headers, body } = await request(`${tracker.url}/peers`, { headers: { 'accept-encoding': 'gzip' } });
    expect(headers['content-encoding']).toBe('gzip');
    expect(JSON.parse(gunzipSync(Buffer.from(await body.arrayBuffer())).toString())).toMatchObject({ count: 1 });
  });

  it('since an earlier list: what came, what went; unknown ones get everything', async () => {
    await using tracker = await startTestTracker();
    await tracker.post('/announce', announcementOf(mac));
    const tag = (await list(tracker)).etag.replaceAll('"', '');
    const other = signerOf('b');
    await tracker.post('/announce', announcementOf(other));
    await tracker.post('/unannounce', issueUnannounce(T0 + 1, mac));
    const { body, etag } = await list(tracker, `?since=${tag}`);
    expect(body).toMatchObject({
      count: 1,
      peers: [{ announcement: { pubkey: other.pubkey } }],
      removed: [mac.pubkey],
      since: tag,
    });
    expect((await list(tracker, `?since=${etag.replaceAll('"', '')}`)).body).toMatchObject({ count: 0, removed: [] });
    for (const odd of ['x', 'other-1', `${tag}9`, '&since=a&since=b'])
      expect((await list(tracker, `?since=${odd}`)).body).toEqual((await list(tracker)).body);
  });

  it('a peer is gone when its ttl is over, which is an hour at most and thirty seconds at least', async () => {
    await using tracker = await startTestTracker();
    expect(await tracker.post('/announce', announcementOf(mac, { ttlSeconds: 999_999 }))).toMatchObject({
      body: { ttlSeconds: 3600 },
    });
    expect(await tracker.post('/announce', announcementOf(signerOf('b'), { ttlSeconds: 0 }))).toMatchObject({
      body: { ttlSeconds: 30 },
    });
    expect((await list(tracker)).body?.count).toBe(2);
    tracker.setNow(T0 + 31_000);
    expect((await list(tracker)).body?.peers.map(({ announcement }) => announcement.pubkey)).toEqual([mac.pubkey]);
    tracker.setNow(T0 + 3_601_000);
    expect((await list(tracker)).body?.count).toBe(0);
  });

  it('counts for its operator, without keys and addresses', async () => {
    await using tracker = await startTestTracker();
    await tracker.post('/announce', announcementOf(mac));
    await tracker.post('/announce', 'junk');
    const text = await (await fetch(`${tracker.url}/metrics`)).text();
    expect(text).toContain('lobstah_tracker_peers 1');
    expect(text).toContain('lobstah_tracker_results_total{what="announce",result="bad_json"} 1');
    expect(text).toMatch(/lobstah_tracker_request_seconds_count\{route="\/announce",status="200"\} 1/);
    expect(text).not.toMatch(/lob1|127\.0\.0\.1|example/);
  });
});
