import { canonicalJson } from '../../app/protocol/canonical-json.ts';
import { verifySignature, type Signer } from '../../app/protocol/ed25519.ts';
import type { Pubkey } from '../../app/protocol/pubkey.ts';

/** What a v1 worker tells a tracker, put together by hand from the facts in docs/protocol.md. */
export function v1Announcement(signer: Signer, changes: Record<string, unknown> = {}) {
  const announcement = {
    version: 1,
    pubkey: signer.pubkey,
    url: 'http://127.0.0.1:17474',
    label: 'an old Mac',
    models: ['llama3.1:8b'],
    tier: 'interactive',
    ttlSeconds: 300,
    announcedAt: Date.now(),
    ...changes,
  };
  return { announcement, signature: signer.sign(canonicalJson(announcement)) };
}

export async function postAsV1(url: string, path: string, body: unknown): Promise<{ status: number; body: unknown }> {
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

export function v1Unannounce(signer: Signer, timestamp = Date.now()) {
  const { pubkey } = signer;
  return { pubkey, timestamp, signature: signer.sign(`unannounce:${pubkey}:${timestamp}`) };
}

interface V1List {
  version: number;
  count: number;
  peers: {
    announcement: Record<string, unknown> & { pubkey: Pubkey; announcedAt: number; ttlSeconds: number };
    signature: string;
  }[];
}

/** Reads a tracker as v1 does: every entry verified, stale and future ones left out, unknown members not looked at. */
export async function readAsV1(url: string): Promise<V1List & { verified: V1List['peers'] }> {
  const list = (await (await fetch(`${url}/peers`)).json()) as V1List;
  const now = Date.now();
  const verified = list.peers.filter(
    ({ announcement, signature }) =>
      verifySignature(canonicalJson(announcement), signature, announcement.pubkey) &&
      now - announcement.announcedAt <= announcement.ttlSeconds * 1000 &&
      announcement.announcedAt - now <= 300_000,
  );
  return { ...list, verified };
}
