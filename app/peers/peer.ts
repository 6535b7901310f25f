import type { Pubkey } from '../protocol/pubkey.ts';

/** A peer as the owner knows it. Later sources (tracker, LAN, Nostr, friends) add to `source`. */
export interface Peer {
  readonly pubkey: Pubkey;
  /** http(s)://host:port, without a trailing slash */
  readonly url: string;
  readonly label: string | undefined;
  readonly blocked: boolean;
  readonly source: 'own' | 'static';
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
