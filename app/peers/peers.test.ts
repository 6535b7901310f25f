import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Pubkey } from '../protocol/pubkey.ts';
import { openDirectory } from './directory.ts';
import { afterFailure, afterSuccess, isResting, REST_MS, UNKNOWN_HEALTH } from './health.ts';
import { parsePeerUrl } from './peer.ts';

const a = `lob1${'a'.repeat(64)}` as Pubkey;
const b = `lob1${'b'.repeat(64)}` as Pubkey;

describe('parsePeerUrl', () => {
  it.each([
    ['http://192.168.1.20:17474', 'http://192.168.1.20:17474'],
    ['https://mac.example/', 'https://mac.example'],
    [' http://[::1]:1/ ', 'http://[::1]:1'],
  ])('takes %s', (text, url) => {
    expect(parsePeerUrl(text)).toEqual({ url });
  });
  it.each(['', 'mac', 'ftp://a', 'http://u:p@a', 'http://a/v1', 'http://a?x', 7, undefined])('refuses %j', (text) => {
    expect(parsePeerUrl(text)).toHaveProperty('problem');
  });
});

describe('health', () => {
  it('two failures in a row rest a peer for thirty seconds, one success ends it', () => {
    const once = afterFailure(UNKNOWN_HEALTH, 'x', 0);
    expect(isResting(once, 0)).toBe(false);
    const twice = afterFailure(once, 'x', 0);
    expect([isResting(twice, REST_MS - 1), isResting(twice, REST_MS)]).toEqual([true, false]);
    expect(isResting(afterSuccess(twice, 5, 1), 1)).toBe(false);
  });
  it('latency moves slowly', () => {
    const first = afterSuccess(UNKNOWN_HEALTH, 100, 0);
    expect(first.latencyMs).toBe(100);
    expect(afterSuccess(first, 200, 1).latencyMs).toBeCloseTo(130);
  });
});

describe('the directory', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lobstah-peers-'));
    file = join(folder, 'peers.json');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const disk = {
    write(path: string, text: string) {
      writeFileSync(`${path}.new`, text);
      renameSync(`${path}.new`, path);
    },
    exclusively: <Result>(_file: string, work: () => Result) => work(),
  };

  it('reads what v1 wrote and keeps members it does not know', () => {
    writeFileSync(file, JSON.stringify([{ pubkey: a, url: 'http://a:1', label: 'mini', colour: 'red' }]));
    const directory = openDirectory(file, disk);
    expect(directory.list()).toMatchObject([{ pubkey: a, url: 'http://a:1', label: 'mini', blocked: false }]);
    directory.setBlocked(a, true);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual([
      { pubkey: a, url: 'http://a:1', label: 'mini', colour: 'red', blocked: true },
    ]);
  });

  it('sees what another process changed', async () => {
    const directory = openDirectory(file, disk);
    openDirectory(file, disk).add({ pubkey: b, url: 'http://b:2', label: undefined });
    await expect.poll(() => directory.list().map(({ pubkey }) => pubkey)).toEqual([b]);
  });

  it('adding a known key changes its address and keeps its label', () => {
    const directory = openDirectory(file, disk);
    directory.add({ pubkey: a, url: 'http://a:1', label: 'mini' });
    directory.add({ pubkey: a, url: 'http://a:2', label: undefined });
    expect(directory.list()).toMatchObject([{ url: 'http://a:2', label: 'mini' }]);
  });

  it('a file that became unreadable changes nothing that was known, and is never overwritten', () => {
    const directory = openDirectory(file, disk);
    directory.add({ pubkey: a, url: 'http://a:1', label: undefined });
    writeFileSync(file, '[{ half');
    expect(directory.list()).toHaveLength(1);
    expect(() => directory.add({ pubkey: b, url: 'http://b:1', label: undefined })).toThrow(/peers\.json/);
    expect(readFileSync(file, 'utf8')).toBe('[{ half');
  });

  it('removing gives back what was removed', () => {
    const directory = openDirectory(file, disk);
    directory.add({ pubkey: a, url: 'http://a:1', label: 'mini' });
    expect(directory.remove(a)).toMatchObject({ url: 'http://a:1', label: 'mini' });
    expect(directory.remove(a)).toBeUndefined();
  });
});
