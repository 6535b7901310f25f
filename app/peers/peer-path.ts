import { isOverlayAddress } from '../protocol/overlay-address.ts';

/** How a peer is reached. 'overlay': by its key, and there is no connection right now. */
export interface PeerPath {
  readonly kind: 'direct' | 'relay' | 'overlay' | 'http' | 'https';
  /** of the connection; undefined where there is none that is kept */
  readonly rttMs: number | undefined;
}

/** @param link the connection of the overlay with this peer, while there is one */
export function peerPath(
  url: string,
  link: { readonly kind: 'direct' | 'relay'; readonly rttMs: number } | undefined,
): PeerPath {
  if (isOverlayAddress(url)) return link ?? { kind: 'overlay', rttMs: undefined };
  return { kind: url.startsWith('https:') ? 'https' : 'http', rttMs: undefined };
}
