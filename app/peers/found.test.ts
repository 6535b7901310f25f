import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { issueAnnouncement } from '../protocol/announcement.ts';
import { createSigner } from '../protocol/ed25519.ts';
import type { Pubkey } from '../protocol/pubkey.ts';
import { openDirectory } from './directory.ts';
import { addressesOf } from './peer.ts';
import { openRefusals } from './refusals.ts';
import { createFoundList } from './sources/found-list.ts';
import { MAX_STRANGERS, type FoundPeer } from './sources/peer-source.ts';
import { openSyncedFile, SYNCED_KEPT_MS, writeSynced } from './sources/synced-file.ts';

const a = `lob1${'a'.repeat(64)}` as Pubkey;
const b = `lob1${'b'.repeat(64)}` as Pubkey;
let now = 1_790_000_000_000;
const nowMs = () => now;
const disk = {
  write(path: string, text: string) {
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  },
  exclusively: <Result>(_file: string, work: () => Result) => work(),
};

const found = (pubkey: Pubkey, changes: Partial<FoundPeer> = {}): FoundPeer => ({
  pubkey,
  url: 'https://found.example',
  label: 'found',
  models: ['m'],
  announcedAtMs: now,
  ttlSeconds: 300,
  keptUntilMs: now + 300_000,
  ...changes,
});

describe('one list out of all sources', () => {
  let folder: string;
  beforeEach(() => {
    now = 1_790_000_000_000;
    folder = mkdtempSync(join(tmpdir(), 'lobstah-found-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const open = () => {
    const file = (name: string) => join(folder, name);
    const directory = openDirectory(file('peers.json'), disk, openRefusals(file('refused.json'), disk));
    const list = createFoundList({ name: 'tracker', nowMs, onChange: () => undefined });
    return { directory, list, disconnect: directory.connect(list) };
  };

  it('who was found is there until it is over, or until its source ends', () => {
    const { directory, list, disconnect } = open();
    list.replace('t', [found(a)]);
    expect(directory.list()).toMatchObject([
      { pubkey: a, source: 'tracker', label: 'found', found: { sources: ['tracker'] } },
    ]);
    now += 300_000;
    expect(directory.list()).toEqual([]);
    list.replace('t', [found(a)]);
    expect(directory.list()).toHaveLength(1);
    list.forget('t');
    expect(directory.list()).toEqual([]);
    list.replace('t', [found(a)]);
    disconnect();
    expect(directory.list()).toEqual([]);
  });

  it('what the owner typed comes first: address, label, trust', () => {
    const { directory, list } = open();
    list.replace('t', [found(a)]);
    directory.add({ pubkey: a, url: 'http://typed:1', label: 'mini' });
    const [peer] = directory.list();
    expect(peer).toMatchObject({ source: 'static', url: 'http://typed:1', label: 'mini' });
    expect(addressesOf(peer!)).toEqual(['http://typed:1', 'https://found.example']);
    expect([directory.isTyped('http://typed:1'), directory.isTyped('https://found.example')]).toEqual([true, false]);
  });

  it('removing beats every source, also after a new start, until it is added again', () => {
    const first = open();
    first.list.replace('t', [found(a), found(b)]);
    expect(first.directory.remove(a)).toMatchObject({ pubkey: a });
    first.list.replace('t', [found(a, { announcedAtMs: now + 1 }), found(b)]);
    expect(first.directory.list().map(({ pubkey }) => pubkey)).toEqual([b]);
    const again = open();
    again.list.replace('t', [found(a)]);
    expect(again.directory.list()).toEqual([]);
    again.directory.add({ pubkey: a, url: 'http://typed:1', label: undefined });
    again.directory.remove(a);
    again.list.replace('t', [found(a)]);
    expect(again.directory.list()).toEqual([]);
    again.directory.add({ pubkey: a, url: 'http://typed:1', label: undefined });
    expect(again.directory.list()).toHaveLength(1);
  });

  it('a blocked stranger stays blocked, known by name, also when nobody announces it any more', () => {
    const first = open();
    first.list.replace('t', [found(a)]);
    expect(first.directory.setBlocked(a, true)).toBe(true);
    expect(first.directory.list()).toMatchObject([{ pubkey: a, blocked: true }]);
    const again = open();
    expect(again.directory.list()).toMatchObject([{ pubkey: a, blocked: true, label: 'found' }]);
    again.list.replace('t', [found(a)]);
    expect(again.directory.list()).toMatchObject([{ pubkey: a, blocked: true }]);
    expect(again.directory.setBlocked(a, false)).toBe(true);
    expect(again.directory.list()).toMatchObject([{ pubkey: a, blocked: false }]);
    expect(again.directory.setBlocked(b, false)).toBe(false);
    expect(again.directory.setBlocked(b, true)).toBe(true);
    expect(again.directory.list()).toMatchObject([{ pubkey: a }, { pubkey: b, blocked: true }]);
  });

  it('a list of refusals that cannot be read is no empty one', () => {
    writeFileSync(join(folder, 'refused.json'), '[{ half');
    expect(open).toThrow(/refused-peers/);
  });

  it('several places: the newest word of each key, and no more strangers than are bounded', () => {
    const { directory, list } = open();
    list.replace('one', [found(a, { url: 'https://old.example', announcedAtMs: now - 5 })]);
    list.replace('two', [found(a, { url: 'https://new.example' })]);
    expect(directory.list()).toMatchObject([{ url: 'https://new.example' }]);
    const many = Array.from({ length: 1000 }, (_, index) => found(`lob1${String(index).padStart(64, '0')}` as Pubkey));
    list.replace('one', many);
    list.replace('two', many);
    expect(directory.list()).toHaveLength(MAX_STRANGERS);
  });

  it('what a sync left in a file is verified again, and kept for a day', () => {
    const signer = createSigner(createHash('sha256').update('synced').digest());
    const signed = issueAnnouncement({ url: 'https://a.example', ttlSeconds: 60, announcedAt: now }, signer);
    const forged = { ...signed, announcement: { ...signed.announcement, url: 'https://evil.example' } };
    const file = join(folder, 'found-peers.json');
    const here = { ownPubkey: a, policy: () => ({ allowPrivate: false }), nowMs };
    const source = openSyncedFile(file, here);
    expect(source.list()).toEqual([]);
    writeSynced(file, disk, { tracker: 'http://t', syncedAtMs: now, peers: [forged, signed] });
    expect(source.list()).toMatchObject([{ pubkey: signer.pubkey, url: 'https://a.example' }]);
    now += SYNCED_KEPT_MS - 1;
    expect(source.list()).toHaveLength(1);
    now += 1;
    expect(source.list()).toEqual([]);
    writeFileSync(file, 'junk');
    expect(openSyncedFile(file, here).list()).toEqual([]);
  });
});
