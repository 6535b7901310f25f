import { createStore } from 'zustand/vanilla';
import type { Bridge } from '../../app/contract/bridge.ts';
import type { GridSnapshot } from '../../app/contract/snapshot.ts';
import { keepEqualParts } from './keep-equal-parts.ts';

export interface Mirror {
  /** null until the first one arrived */
  readonly snapshot: GridSnapshot | null;
}

export type MirrorStore = ReturnType<typeof createMirrorStore>;

export function createMirrorStore() {
  return createStore<Mirror>(() => ({ snapshot: null }));
}

/** Takes only what is newer than what is shown: an answer may be overtaken by an event. */
export function acceptSnapshot(store: MirrorStore, incoming: GridSnapshot): void {
  const { snapshot } = store.getState();
  if (snapshot && incoming.revision <= snapshot.revision) return;
  store.setState({ snapshot: keepEqualParts(snapshot, incoming) });
}

/** Subscribes, then asks once. Gives back how to stop. */
export function startMirror(store: MirrorStore, bridge: Bridge): () => void {
  const stop = bridge.on('snapshot', (snapshot) => acceptSnapshot(store, snapshot));
  // A failure shows as 'not running' by the connection; the snapshot then comes with the stream.
  bridge.snapshot().then(
    (snapshot) => acceptSnapshot(store, snapshot),
    () => undefined,
  );
  return stop;
}
