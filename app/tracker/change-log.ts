/** Which keys changed at which revision, for readers that have an older one. Bounded: who is further behind gets everything. */
const MAX_CHANGES = 16_384;

export interface ChangeLog {
  readonly revision: number;
  /** @returns the new revision */
  add(pubkey: string): number;
  /** @returns the keys that changed after that revision, each once; undefined when that is not known any more */
  since(revision: number): ReadonlySet<string> | undefined;
}

export function createChangeLog(): ChangeLog {
  const ring: string[] = [];
  let revision = 0;
  return {
    get revision() {
      return revision;
    },
    add(pubkey) {
      ring[revision % MAX_CHANGES] = pubkey;
      revision += 1;
      return revision;
    },
    since(from) {
      if (from > revision || revision - from > MAX_CHANGES) return undefined;
      const keys = new Set<string>();
      for (let at = from; at < revision; at += 1) keys.add(ring[at % MAX_CHANGES] ?? '');
      return keys;
    },
  };
}
