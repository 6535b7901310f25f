import { constants, createGzip } from 'node:zlib';
import type { Registry } from './registry.ts';

/** A known peer saying that it is still there is shown at latest after this; who came, moved or left is shown at once. */
const REFRESH_MS = 1_000;
/** A list with older ages than this is not given out any more, however long nobody asked. */
const MAX_AGE_MS = 10_000;
/** Longer than this, everything is as good as what changed. */
const MAX_DELTA = 250;
/** Entries compressed at a time. */
const SLICE = 200;

/** Everybody who is there, as it is sent, made once for all readers. */
export interface WholeList {
  readonly etag: string;
  /** kept compressed only: nearly every reader takes it so, and it is half as large */
  readonly gzipped: Buffer;
}

export interface PeerList {
  /** the whole list; rebuilt when it has to be, by one builder at a time */
  whole(nowMs: number): Promise<WholeList>;
  /** the tag that `whole` would carry now without building; undefined when it would have to be built */
  currentEtag(nowMs: number): string | undefined;
  /**
   * What changed after the list with that tag (without its quotes).
   * @returns undefined when that list is of another run, too long ago, or too different: then the whole list is due
   */
  since(tag: string): { etag: string; body: string } | undefined;
}

/** @param run differs with every start: revisions of another run say nothing here */
export function createPeerList(registry: Registry, run: string): PeerList {
  let built: { list: WholeList; revision: number; shape: number; atMs: number } | undefined;
  let building: Promise<void> | undefined;
  const etagOf = (revision: number) => `"${run}-${revision}"`;

  function isUsable(nowMs: number): boolean {
    if (!built || built.shape !== registry.shape) return false;
    const ageMs = nowMs - built.atMs;
    return built.revision === registry.changes.revision || (ageMs >= 0 && ageMs < REFRESH_MS);
  }

  async function build(nowMs: number): Promise<void> {
    const { shape } = registry;
    const { revision } = registry.changes;
    const peers: string[] = [];
    for (const [, { json }] of registry.entries()) if (json !== undefined) peers.push(json);
    const gzipped = await compressList(peers);
    built = { list: { etag: etagOf(revision), gzipped }, revision, shape, atMs: nowMs };
  }

  return {
    async whole(nowMs) {
      for (;;) {
        if (built && isUsable(nowMs)) return built.list;
        const before = building;
        building ??= build(nowMs).finally(() => (building = undefined));
        // Ages alone are worth no waiting: the next reader gets the new ones.
        if (built?.shape === registry.shape && nowMs - built.atMs < MAX_AGE_MS) return built.list;
        await building;
        // What this caller itself has started is new enough, whatever happened meanwhile.
        if (!before && built) return built.list;
      }
    },
    currentEtag: (nowMs) => (isUsable(nowMs) ? built?.list.etag : undefined),
    since(tag) {
      const match = /^(.+)-(\d{1,15})$/.exec(tag);
      if (match?.[1] !== run) return undefined;
      const keys = registry.changes.since(Number(match[2]));
      if (!keys || keys.size > MAX_DELTA || keys.size > Math.max(100, registry.count / 2)) return undefined;
      const peers: string[] = [];
      const removed: string[] = [];
      for (const pubkey of keys) {
        const json = registry.get(pubkey)?.json;
        if (json === undefined) removed.push(pubkey);
        else peers.push(json);
      }
      const body = listJson(peers, `,"removed":${JSON.stringify(removed)},"since":${JSON.stringify(tag)}`);
      return { etag: etagOf(registry.changes.revision), body };
    },
  };
}

const listHead = (count: number) => `{"version":1,"count":${count},"peers":[`;

function listJson(peers: readonly string[], more: string): string {
  return `${listHead(peers.length)}${peers.join(',')}]${more}}`;
}

/** In slices: the whole text never exists, and other requests are answered between them. */
async function compressList(peers: readonly string[]): Promise<Buffer> {
  // Signatures are noise: more effort than the least gains nothing.
  const gzip = createGzip({ level: constants.Z_BEST_SPEED });
  const parts: Buffer[] = [];
  gzip.on('data', (part: Buffer) => parts.push(part));
  const write = (text: string) => new Promise<void>((resolve) => gzip.write(text, () => resolve()));
  await write(listHead(peers.length));
  for (let from = 0; from < peers.length; from += SLICE) {
    const slice = peers.slice(from, from + SLICE).join(',');
    await write(from === 0 ? slice : `,${slice}`);
  }
  await new Promise<void>((resolve) => gzip.once('end', resolve).end(']}'));
  return Buffer.concat(parts);
}
