import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { Registry } from './registry.ts';

const compress = promisify(gzip);

/** A known peer saying that it is still there is shown at latest after this; who came, moved or left is shown at once. */
const REFRESH_MS = 1_000;
/** Longer than this, everything is as good as what changed. */
const MAX_DELTA = 1_000;

/** Everybody who is there, as it is sent, made once for all readers. */
export interface WholeList {
  readonly etag: string;
  readonly plain: Buffer;
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
    const plain = Buffer.from(listJson(peers, ''));
    // Signatures are noise: more effort than the least gains nothing.
    const gzipped = await compress(plain, { level: constants.Z_BEST_SPEED });
    built = { list: { etag: etagOf(revision), plain, gzipped }, revision, shape, atMs: nowMs };
  }

  return {
    async whole(nowMs) {
      for (;;) {
        if (built && isUsable(nowMs)) return built.list;
        const before = building;
        building ??= build(nowMs).finally(() => (building = undefined));
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

function listJson(peers: readonly string[], more: string): string {
  return `{"version":1,"count":${peers.length},"peers":[${peers.join(',')}]${more}}`;
}
