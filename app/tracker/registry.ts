import {
  clampTtlSeconds,
  judgeAge,
  judgeUnannounceAge,
  MAX_TTL_SECONDS,
  type VerifiedAnnouncement,
  type VerifiedUnannounce,
} from '../protocol/announcement.ts';
import { createChangeLog, type ChangeLog } from './change-log.ts';

export interface RegistryLimits {
  readonly maxPeers: number;
  /** from one network: an IPv4 address or a /48 of IPv6 */
  readonly maxPeersPerNetwork: number;
  readonly maxBytes: number;
}

export interface Entry {
  /** the signed announcement as it is sent; undefined once it was taken back */
  readonly json: string | undefined;
  /** of the newest thing this key said: an older one changes nothing */
  readonly saidAtMs: number;
  readonly expiresAtMs: number;
  readonly network: string;
  readonly bytes: number;
}

export type AnnounceResult = 'ok' | 'older' | 'stale' | 'future' | 'full';

/** Who is there: bounded, newest word wins. Pure memory; takes the time and decides. */
export interface Registry {
  announce(signed: VerifiedAnnouncement, network: string, nowMs: number): AnnounceResult;
  /** @returns whether something was removed */
  unannounce(wish: VerifiedUnannounce, nowMs: number): 'stale' | 'future' | boolean;
  /** forgets what is over */
  sweep(nowMs: number): void;
  get(pubkey: string): Entry | undefined;
  entries(): Iterable<[string, Entry]>;
  /** peers that are there, without those that took their word back */
  readonly count: number;
  readonly bytes: number;
  readonly changes: ChangeLog;
  /** raised when somebody came, moved or left; not when a known peer only said that it is still there */
  readonly shape: number;
}

/** What an entry costs beside its text. */
const ENTRY_BYTES = 400;

export function createRegistry(limits: RegistryLimits): Registry {
  const entries = new Map<string, Entry>();
  const networks = new Map<string, Set<string>>();
  const changes = createChangeLog();
  let count = 0;
  let bytes = 0;
  let shape = 0;

  function put(pubkey: string, entry: Entry): void {
    drop(pubkey);
    entries.set(pubkey, entry);
    bytes += entry.bytes;
    if (entry.json !== undefined) count += 1;
    const keys = networks.get(entry.network) ?? new Set();
    networks.set(entry.network, keys.add(pubkey));
    changes.add(pubkey);
  }

  function drop(pubkey: string): void {
    const entry = entries.get(pubkey);
    if (!entry) return;
    entries.delete(pubkey);
    bytes -= entry.bytes;
    if (entry.json !== undefined) count -= 1;
    const keys = networks.get(entry.network);
    keys?.delete(pubkey);
    if (keys?.size === 0) networks.delete(entry.network);
  }

  function remove(pubkey: string): void {
    drop(pubkey);
    changes.add(pubkey);
    shape += 1;
  }

  const isFull = (more: number) => entries.size >= limits.maxPeers || bytes + more > limits.maxBytes;

  /**
   * Makes room for a newcomer: only ever at the cost of a network that would still have more than the newcomer's. A thousand
   * keys from one place push out each other; where everybody has one, those who were there stay.
   */
  function makeRoom(network: string, more: number): boolean {
    if (!isFull(more)) return true;
    const [largest, keys] = [...networks].reduce((most, next) => (next[1].size > most[1].size ? next : most), [
      '',
      new Set<string>(),
    ] as [string, Set<string>]);
    if (largest === network || keys.size <= (networks.get(network)?.size ?? 0) + 1) return false;
    // The one that has not been heard of for longest: maps keep the order in which they were written.
    const [oldest] = keys;
    if (oldest === undefined) return false;
    remove(oldest);
    return !isFull(more);
  }

  return {
    announce(signed, network, nowMs) {
      const { announcement } = signed;
      const age = judgeAge(announcement, nowMs);
      if (age) return age;
      const { pubkey, announcedAt } = announcement;
      const known = entries.get(pubkey);
      const json = JSON.stringify({ announcement, signature: signed.signature });
      if (known && announcedAt <= known.saidAtMs)
        // The same once more is no mistake: an answer got lost. It also changes nothing.
        return announcedAt === known.saidAtMs && known.json === json ? 'ok' : 'older';
      const size = json.length + ENTRY_BYTES;
      const isCrowded = (networks.get(network)?.size ?? 0) >= limits.maxPeersPerNetwork;
      if (known) {
        if (bytes - known.bytes + size > limits.maxBytes && size > known.bytes) return 'full';
      } else if (isCrowded || !makeRoom(network, size)) return 'full';
      if (!known?.json || withoutTimes(known.json) !== withoutTimes(json)) shape += 1;
      put(pubkey, {
        json,
        saidAtMs: announcedAt,
        expiresAtMs: Math.min(announcedAt, nowMs) + clampTtlSeconds(announcement.ttlSeconds) * 1000,
        // Who moved counts where it is now, unless there is no room: then where it came from.
        network: known && known.network !== network && isCrowded ? known.network : network,
        bytes: size,
      });
      return 'ok';
    },
    unannounce({ pubkey, timestamp }, nowMs) {
      const age = judgeUnannounceAge(timestamp, nowMs);
      if (age) return age;
      const known = entries.get(pubkey);
      // An old wish, replayed, must not take away what was announced after it.
      if (!known || timestamp < known.saidAtMs) return false;
      // The place is kept for as long as an announcement from before could be replayed.
      const expiresAtMs = Math.min(timestamp, nowMs) + MAX_TTL_SECONDS * 1000;
      put(pubkey, { ...known, json: undefined, saidAtMs: timestamp, expiresAtMs, bytes: ENTRY_BYTES });
      if (known.json !== undefined) shape += 1;
      return known.json !== undefined;
    },
    sweep(nowMs) {
      for (const [pubkey, { expiresAtMs }] of entries) if (expiresAtMs < nowMs) remove(pubkey);
    },
    get: (pubkey) => entries.get(pubkey),
    entries: () => entries.entries(),
    get count() {
      return count;
    },
    get bytes() {
      return bytes;
    },
    changes,
    get shape() {
      return shape;
    },
  };
}

/** What a reader sees of an entry beside its age. */
function withoutTimes(json: string): string {
  return json.replace(/"announcedAt":\d+|"signature":"[0-9a-f]+"/g, '');
}
