import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSigner, type Signer } from '../protocol/ed25519.ts';
import { hashOfSecret } from '../protocol/invite.ts';
import { issueRedeem, verifyRedeem } from '../protocol/redeem.ts';
import { confirmFriend, endFriendship, joinFriend } from './befriend.ts';
import { openDirectory } from './directory.ts';
import type { OpenInvite } from './friends-file.ts';
import { openFriends } from './friends.ts';
import type { PeersDisk } from './peers-file.ts';

const NOW = 1_790_000_000_000;
const DAY_MS = 86_400_000;
const maker = createSigner(Buffer.alloc(32, 1));
const guest = createSigner(Buffer.alloc(32, 2));
const disk: PeersDisk = { write: (file, text) => writeFileSync(file, text), exclusively: (_file, work) => work() };

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'friends-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const openInvite = (id: string, changes: Partial<OpenInvite> = {}): OpenInvite => ({
  inviteId: id.repeat(32),
  circle: 'friend',
  secretHash: hashOfSecret(id),
  createdAtMs: NOW,
  expiresAtMs: NOW + DAY_MS,
  tokensPerDay: 7,
  friendUntilMs: null,
  state: 'open',
  ...changes,
});

function redeemOf(id: string, signer: Signer, circle: 'friend' | 'device' = 'friend', addresses = ['http://guest:1']) {
  const asked = { circle, inviteId: id.repeat(32), inviterPubkey: maker.pubkey, addresses, label: 'G', issuedAt: NOW };
  const redeem = verifyRedeem(issueRedeem(asked, hashOfSecret(id), signer), {
    inviterPubkey: maker.pubkey,
    nowMs: NOW,
  });
  if (!redeem) throw new Error('not verified');
  return redeem;
}

function open(clock = { nowMs: NOW }) {
  const friends = openFriends(join(folder, 'friends.json'), disk, () => clock.nowMs);
  const directory = openDirectory(join(folder, 'peers.json'), disk, undefined, friends);
  return { friends, directory, clock };
}

describe('the book of friends', () => {
  it('takes the first who redeems, asks its owner, and puts the address among the peers when they say yes', () => {
    const { friends, directory } = open();
    friends.addInvite(openInvite('a'));
    expect(friends.redeem(redeemOf('a', guest), NOW)).toBe('waiting');
    expect(directory.list()).toEqual([]);
    confirmFriend({ pubkey: guest.pubkey, circle: 'friend' }, { friends, directory }, NOW);
    expect(friends.redeem(redeemOf('a', guest), NOW)).toBe('accepted');
    expect(friends.list()).toMatchObject([{ pubkey: guest.pubkey, circle: 'friend', tokensPerDay: 7 }]);
    expect(directory.list()).toMatchObject([{ pubkey: guest.pubkey, url: 'http://guest:1', circle: 'friend' }]);
    // A second process has the same picture.
    expect(open().friends.find(guest.pubkey)).toMatchObject({ circle: 'friend' });
    endFriendship(guest.pubkey, { friends, directory });
    expect([friends.list(), directory.list()]).toEqual([[], []]);
    expect(() => friends.redeem(redeemOf('a', guest), NOW)).toThrow(/not one its maker knows/);
  });

  it('leaves a peer alone that the owner had typed before', () => {
    const { friends, directory } = open();
    directory.add({ pubkey: guest.pubkey, url: 'http://typed:1', label: 'mine' });
    friends.addInvite(openInvite('a'));
    friends.redeem(redeemOf('a', guest), NOW);
    confirmFriend({ pubkey: guest.pubkey, circle: 'friend' }, { friends, directory }, NOW);
    endFriendship(guest.pubkey, { friends, directory });
    expect(directory.list()).toMatchObject([{ url: 'http://typed:1', label: 'mine' }]);
    expect(directory.list()[0]?.circle).toBeUndefined();
  });

  it('forgets whose time is over, without anybody doing anything', () => {
    const { friends, directory, clock } = open();
    friends.addInvite(openInvite('a', { friendUntilMs: NOW + 10 }));
    friends.redeem(redeemOf('a', guest), NOW);
    confirmFriend({ pubkey: guest.pubkey, circle: 'friend' }, { friends, directory }, NOW);
    expect(directory.list()[0]?.circle).toBe('friend');
    clock.nowMs = NOW + 10;
    expect([friends.list(), friends.find(guest.pubkey)]).toEqual([[], undefined]);
    expect(directory.list()[0]?.circle).toBeUndefined();
  });

  it('hands out no invite of another kind, past its end, or withdrawn', () => {
    const { friends } = open();
    friends.addInvite(openInvite('a', { circle: 'device' }));
    expect(() => friends.redeem(redeemOf('a', guest, 'friend'), NOW)).toThrow(/not one its maker knows/);
    expect(() => friends.redeem(redeemOf('a', guest, 'device'), NOW + DAY_MS + 1)).toThrow(
      /time of this invite is over/,
    );
    expect(friends.withdraw('a'.repeat(32))).toBe(true);
    expect(() => friends.redeem(redeemOf('a', guest, 'device'), NOW)).toThrow(/not one its maker knows/);
    expect(friends.invites()).toEqual([]);
  });

  it('remembers on the other side whose word is waited for, and joins by the address that answered', () => {
    const { friends, directory } = open();
    friends.addAsked({
      inviteId: 'b'.repeat(32),
      circle: 'device',
      inviterPubkey: maker.pubkey,
      label: 'M',
      addresses: ['iroh:x', 'http://first:1', 'http://second:1'],
      secretHash: hashOfSecret('b'),
      atMs: NOW,
      expiresAtMs: NOW + DAY_MS,
      tokensPerDay: 9,
      ownAddresses: [],
      ownLabel: '',
    });
    joinFriend('b'.repeat(32), 'http://second:1', { friends, directory }, NOW);
    expect(friends.asked()).toEqual([]);
    expect(directory.list()).toMatchObject([{ url: 'http://second:1', label: 'M', circle: 'device' }]);
    expect(joinFriend('b'.repeat(32), undefined, { friends, directory }, NOW)).toBeUndefined();
  });

  it('that cannot be read is left as it is, and never taken for empty', () => {
    const file = join(folder, 'friends.json');
    writeFileSync(file, '{"version":1,"friends":[{"pubkey":"x"}],"invites":[],"asked":[]}');
    expect(() => open()).toThrow(/friends.json cannot be understood/);
    expect(readFileSync(file, 'utf8')).toContain('"x"');
  });
});
