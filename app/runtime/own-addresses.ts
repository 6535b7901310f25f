import { hostname } from 'node:os';
import { MAX_INVITE_ADDRESSES, MAX_LABEL_CHARACTERS } from '../protocol/invite.ts';
import type { Home } from './home.ts';
import { runningUrl } from './roles.ts';
import type { Settings } from './settings.ts';

/** Where this machine says it is reached, to whom the owner invites: what is announced, else where its worker listens. */
export function ownAddresses(home: Home, { announce }: Settings): string[] {
  const announced = announce.state === 'on' ? [announce.url] : [];
  const listening = runningUrl(home, 'worker');
  return [...new Set([...announced, ...(listening === undefined ? [] : [listening])])].slice(0, MAX_INVITE_ADDRESSES);
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
