import { hostname } from 'node:os';
import { MAX_INVITE_ADDRESSES, MAX_LABEL_CHARACTERS } from '../protocol/invite.ts';
import { formatOverlayAddress, parseOverlayAddress } from '../protocol/overlay-address.ts';
import type { Home } from './home.ts';
import { runningUrl } from './roles.ts';
import type { Settings } from './settings.ts';

const MAX_DIRECT_HINTS = 3;

/**
 * Where this machine says it is reached, to whom the owner invites: what is announced, its key on the overlay, and where its
 * worker listens.
 */
export function ownAddresses(home: Home, { announce }: Settings, overlayAddress: string | null): string[] {
  const announced = announce.state === 'on' ? [announce.url] : [];
  const listening = runningUrl(home, 'worker');
  const overlay = overlayAddress === null ? [] : [shortened(overlayAddress)];
  return [...new Set([...announced, ...overlay, ...(listening === undefined ? [] : [listening])])].slice(
    0,
    MAX_INVITE_ADDRESSES,
  );
}

/** A few hints are enough to be found, and a QR code has to stay readable. */
function shortened(overlayAddress: string): string {
  const address = parseOverlayAddress(overlayAddress);
  if ('problem' in address) return overlayAddress;
  const { pubkey, hints } = address;
  return formatOverlayAddress({ pubkey, hints: { ...hints, direct: hints.direct.slice(0, MAX_DIRECT_HINTS) } });
}

/** The name of this computer, as its owner gave it; the other side is shown it. */
export function ownLabel(): string {
  return hostname()
    .replace(/\.local$|\..*$/, '')
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .slice(0, MAX_LABEL_CHARACTERS);
}

const LOOPBACK = /^https?:\/\/(?:127\.|localhost|\[::1\])/;

/** An invite with only such addresses is of use on this machine alone. */
export function isOnlyHere(addresses: readonly string[]): boolean {
  return addresses.every((address) => LOOPBACK.test(address));
}
