import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { GridError } from '../protocol/errors.ts';
import type { Pubkey } from '../protocol/pubkey.ts';
import { pubkeySchema } from '../protocol/receipt.ts';
import { watchFile } from './file-stamp.ts';
import type { PeersDisk } from './peers-file.ts';

/** More than an owner ever says; beyond it the oldest removals are let go, never a block. */
const MAX_REFUSALS = 5_000;

const refusalSchema = z.object({
  pubkey: pubkeySchema,
  /** 'removed': not shown, whoever announces it; 'blocked': shown as blocked, neither asked nor served */
  state: z.enum(['removed', 'blocked']),
  url: z.string().max(512),
  label: z.string().max(120).optional(),
});
export type Refusal = z.infer<typeof refusalSchema>;

/** Whom the owner does not want, whatever source knows them. Kept apart from peers.json, whose form is v1's. */
export interface Refusals {
  get(pubkey: Pubkey): Refusal | undefined;
  list(): readonly Refusal[];
  /** differs whenever the list does */
  stamp(): string;
  put(refusal: Refusal): void;
  clear(pubkey: Pubkey): void;
}

/** @throws GridError peers_unreadable */
export function openRefusals(file: string, disk: PeersDisk): Refusals {
  const watched = watchFile(file);
  let stamp = watched.stampNow();
  let refusals = readRefusals(file);

  function refresh(): void {
    const now = watched.stamp();
    if (now === stamp) return;
    try {
      refusals = readRefusals(file);
      stamp = now;
    } catch {
      // Somebody is editing the file: who was refused stays refused until it is readable again.
    }
  }

  function change(next: (known: Map<Pubkey, Refusal>) => Map<Pubkey, Refusal>): void {
    disk.exclusively(file, () => {
      const changed = bounded(next(new Map(readRefusals(file))));
      disk.write(file, `${JSON.stringify([...changed.values()], null, 2)}\n`);
      refusals = changed;
      stamp = watched.stampNow();
    });
  }

  return {
    get(pubkey) {
      refresh();
      return refusals.get(pubkey);
    },
    list() {
      refresh();
      return [...refusals.values()];
    },
    stamp() {
      refresh();
      return stamp;
    },
    put: (refusal) => change((known) => new Map([...without(known, refusal.pubkey), [refusal.pubkey, refusal]])),
    clear(pubkey) {
      refresh();
      if (refusals.has(pubkey)) change((known) => without(known, pubkey));
    },
  };
}

function without(known: Map<Pubkey, Refusal>, pubkey: Pubkey): Map<Pubkey, Refusal> {
  known.delete(pubkey);
  return known;
}

function bounded(refusals: Map<Pubkey, Refusal>): Map<Pubkey, Refusal> {
  for (const [pubkey, { state }] of refusals) {
    if (refusals.size <= MAX_REFUSALS) break;
    if (state === 'removed') refusals.delete(pubkey);
  }
  return refusals;
}

function readRefusals(file: string): Map<Pubkey, Refusal> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    throw new GridError('peers_unreadable', 'refused-peers.json cannot be read.', { cause: error });
  }
  try {
    const parsed = z.array(refusalSchema).parse(JSON.parse(text));
    return new Map(parsed.map((refusal) => [refusal.pubkey, refusal]));
  } catch (error) {
    // A block that cannot be read must not become no block.
    throw new GridError('peers_unreadable', 'refused-peers.json is not a list of {pubkey, state, url}.', {
      cause: error,
    });
  }
}
