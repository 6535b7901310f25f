import type { Circle } from '../protocol/invite.ts';
import { formatOverlayAddress, isOverlayAddress, parseOverlayAddress } from '../protocol/overlay-address.ts';
import { parsePubkey, type Pubkey } from '../protocol/pubkey.ts';
import type { FoundSourceName } from './sources/peer-source.ts';

/** A peer as this machine knows it, from the owner or from the sources that found it. */
export interface Peer {
  readonly pubkey: Pubkey;
  /** http(s)://host:port, without a trailing slash; or `iroh:<hex of the key>`, with hints */
  readonly url: string;
  readonly label: string | undefined;
  readonly blocked: boolean;
  /** 'own': this machine; 'static': the owner added it by hand; else the first of the sources that found it */
  readonly source: 'own' | 'static' | FoundSourceName;
  /** who stands nearer than a stranger, by an invite that both sides confirmed */
  readonly circle?: Circle | undefined;
  /** absent when only the owner knows it */
  readonly found?: FoundFacts | undefined;
}

/** What a peer itself announced, and where it was heard. */
export interface FoundFacts {
  readonly sources: readonly FoundSourceName[];
  /** newest first */
  readonly urls: readonly string[];
  readonly models: readonly string[];
  readonly announcedAtMs: number;
  readonly ttlSeconds: number;
}

/** Every address, the one to try first in front: what the owner typed beats what was announced. */
export function addressesOf({ url, found }: Peer): readonly string[] {
  return [...new Set([url, ...(found?.urls ?? [])])];
}

/**
 * Where a peer of this key is reached: http(s), or over the overlay: `iroh:…`, or the key itself, since it is an address.
 * @returns the address as it is kept, or a sentence about what is wrong with it
 */
export function parsePeerAddress(input: unknown, pubkey: Pubkey): { url: string } | { problem: string } {
  const text = typeof input === 'string' ? input.trim() : '';
  if (!isOverlayAddress(text) && !parsePubkey(text)) return parsePeerUrl(input);
  const overlay = parseOverlayAddress(text);
  if ('problem' in overlay) return overlay;
  if (overlay.pubkey !== pubkey) return { problem: 'this overlay address is that of another key' };
  return { url: formatOverlayAddress(overlay) };
}

/** @returns the base URL of a worker without path and trailing slash, or a sentence about what is wrong with it */
export function parsePeerUrl(input: unknown): { url: string } | { problem: string } {
  if (typeof input !== 'string' || input.trim() === '') return { problem: 'the address is empty' };
  let url: URL;
  try {
    url = new URL(input.trim());
  } catch {
    return { problem: `'${input.slice(0, 80)}' is no address like http://192.168.1.20:17474` };
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return { problem: `'${url.protocol}' cannot be dialled, only http: and https:` };
  if (url.username || url.password) return { problem: 'the address must not contain a user name or password' };
  if (url.search || url.hash || (url.pathname !== '/' && url.pathname !== ''))
    return { problem: 'the address must end after host and port' };
  return { url: url.origin };
}
