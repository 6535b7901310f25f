import type { LedgerRowView } from '../../app/contract/commands.ts';
import type { PromptEvent } from '../../app/contract/events.ts';
import type { DayView, GridSnapshot, PeerView } from '../../app/contract/snapshot.ts';
import { mockDays, mockEntries, mockEntry } from './mock-ledger.ts';
import { mockSnapshot } from './mock-snapshot.ts';
import { createRandom } from './random.ts';
import type { Scene } from './scene.ts';

export interface MockGrid {
  snapshot(): GridSnapshot;
  /** applies a change, raises the revision and tells who listens */
  change(part: (snapshot: GridSnapshot) => Partial<GridSnapshot>): null;
  readonly entries: LedgerRowView[];
  readonly days: readonly DayView[];
  addEntry(): LedgerRowView;
  newPeer(pubkey: string, url: string, label: string | undefined): PeerView;
  emitPrompt(event: PromptEvent): void;
  readonly listeners: { snapshot: Set<(snapshot: GridSnapshot) => void>; prompt: Set<(event: PromptEvent) => void> };
}

const SEED = 20_251_128;

export function createMockGrid(scene: Scene, nowMs: number): MockGrid {
  const random = createRandom(SEED);
  let current = mockSnapshot(scene, random, nowMs);
  const entries = mockEntries(scene.entries, current.peers, random, nowMs);
  const listeners: MockGrid['listeners'] = { snapshot: new Set(), prompt: new Set() };

  return {
    entries,
    listeners,
    days: mockDays(365, random, nowMs, scene.entries === 0),
    snapshot: () => current,
    change(part) {
      const nextMs = scene.still ? current.nowMs : Date.now();
      current = { ...current, ...part(current), revision: current.revision + 1, nowMs: nextMs };
      // As over IPC and HTTP: nobody gets the same object twice.
      for (const listener of listeners.snapshot) listener(structuredClone(current));
      return null;
    },
    addEntry() {
      const entry = mockEntry(entries.length, current.peers[0], random, scene.still ? nowMs : Date.now());
      entries.unshift(entry);
      return entry;
    },
    newPeer: (pubkey, url, label) => ({
      pubkey,
      url,
      label: label ?? `lob1 ${pubkey.slice(4, 8)}…${pubkey.slice(-4)}`,
      path: url.startsWith('https') ? 'https' : 'http',
      rttMs: null,
      source: 'added by hand',
      sources: ['added by hand'],
      addresses: [url],
      announcedAtMs: null,
      circle: null,
      state: 'unknown',
      problem: null,
      models: [],
      latencyMs: null,
      lastSeenMs: null,
      credit: 0,
      earned: 0,
      spent: 0,
      understandsOrders: false,
    }),
    emitPrompt(event) {
      for (const listener of listeners.prompt) listener(event);
    },
  };
}
