import { inSubnet, isSanePort } from '../../http/public-address.ts';
import type { Capacity } from '../../protocol/capacity.ts';
import type { Pubkey } from '../../protocol/pubkey.ts';
import type { FoundPeer } from '../sources/peer-source.ts';
import type { LanInterface } from './lan-interfaces.ts';
import type { Heard } from './mdns-records.ts';

/** Asked for and repeated every minute: who is silent for two and a half has gone. */
const KEEP_MS = 150_000;
/** A proof is believed for so long; then it is asked for again. */
const PROVEN_FOR_MS = 10 * 60_000;
const TRY_AGAIN_MS = 20_000;
/** A neighbour may claim any number of keys: so many are remembered, so many asked at once. */
const MAX_KNOWN = 128;
const MAX_ASKING = 4;

interface Neighbour {
  readonly pubkey: Pubkey;
  readonly url: string;
  readonly from: string;
  heardAtMs: number;
  triedAtMs: number;
  proven: { atMs: number; capacity: Capacity } | undefined;
}

/** Who was heard on one interface, and who of them has proven it. */
export interface Neighbours {
  hear(heard: readonly Heard[], from: string): void;
  /** Lets go of who is silent. */
  expire(): void;
  proven(): readonly FoundPeer[];
  /** those that did not prove what they claimed */
  refused(): number;
}

export function createNeighbours(deps: {
  lan: LanInterface;
  ownPubkey: Pubkey;
  prove: (claimed: { url: string; pubkey: Pubkey }) => Promise<Capacity>;
  nowMs: () => number;
  onChange: () => void;
}): Neighbours {
  const known = new Map<string, Neighbour>();
  let asking = 0;

  const hasGone = ({ heardAtMs }: Neighbour) => Math.abs(deps.nowMs() - heardAtMs) > KEEP_MS;

  function expire(): void {
    let wasShown = false;
    for (const [name, neighbour] of known)
      if (hasGone(neighbour)) {
        known.delete(name);
        wasShown ||= neighbour.proven !== undefined;
      }
    if (wasShown) deps.onChange();
  }

  /** Where the packet came from is where it leads: nobody sends us to a third machine. */
  function hearOne({ pubkey, port, isLeaving }: Heard, from: string): void {
    if (pubkey === deps.ownPubkey || !isSanePort(port)) return;
    const name = `${pubkey} ${from}:${port}`;
    const neighbour = known.get(name);
    if (isLeaving) {
      if (neighbour && known.delete(name)) deps.onChange();
      return;
    }
    if (neighbour) {
      neighbour.heardAtMs = deps.nowMs();
      askForProof(neighbour);
      return;
    }
    if (known.size >= MAX_KNOWN) expire();
    if (known.size >= MAX_KNOWN) return;
    const newcomer: Neighbour = {
      pubkey,
      url: `http://${from}:${port}`,
      from,
      heardAtMs: deps.nowMs(),
      triedAtMs: -Infinity,
      proven: undefined,
    };
    known.set(name, newcomer);
    askForProof(newcomer);
  }

  function askForProof(neighbour: Neighbour): void {
    const nowMs = deps.nowMs();
    const age = neighbour.proven ? Math.abs(nowMs - neighbour.proven.atMs) : Infinity;
    if (age < PROVEN_FOR_MS || Math.abs(nowMs - neighbour.triedAtMs) < TRY_AGAIN_MS || asking >= MAX_ASKING) return;
    neighbour.triedAtMs = nowMs;
    asking += 1;
    void deps
      .prove(neighbour)
      .then(
        (capacity) => (neighbour.proven = { atMs: deps.nowMs(), capacity }),
        () => (neighbour.proven = undefined),
      )
      .then(() => {
        asking -= 1;
        deps.onChange();
      });
  }

  return {
    hear(heard, from) {
      if (inSubnet(from, deps.lan.subnet)) for (const one of heard) hearOne(one, from);
    },
    expire,
    proven: () =>
      [...known.values()].flatMap(({ pubkey, url, heardAtMs, proven }) =>
        proven
          ? [
              {
                pubkey,
                url,
                label: undefined,
                models: proven.capacity.models,
                announcedAtMs: heardAtMs,
                ttlSeconds: KEEP_MS / 1000,
                keptUntilMs: heardAtMs + KEEP_MS,
              },
            ]
          : [],
      ),
    refused: () => [...known.values()].filter(({ proven, triedAtMs }) => !proven && triedAtMs > 0).length,
  };
}
