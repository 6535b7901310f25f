import type { EventName, Events } from '../contract/events.ts';
import type { GridSnapshot } from '../contract/snapshot.ts';

/** Many changes a second become one snapshot: as often as an eye can use. */
const COALESCE_MS = 200;

/** Tells whoever listens. Works nothing out while nobody does. */
export interface News {
  on<Name extends EventName>(name: Name, listener: (event: Events[Name]) => void): () => void;
  emit<Name extends EventName>(name: Name, event: Events[Name]): void;
  /** something changed: a new snapshot is due soon */
  touch(): void;
  onTouch(snapshot: () => GridSnapshot): void;
  close(): void;
}

export function createNews(): News {
  const listeners: { [Name in EventName]: Set<(event: Events[Name]) => void> } = {
    snapshot: new Set(),
    prompt: new Set(),
  };
  let timer: NodeJS.Timeout | undefined;
  let makeSnapshot: (() => GridSnapshot) | undefined;
  const emit = <Name extends EventName>(name: Name, event: Events[Name]): void => {
    for (const listener of listeners[name]) listener(event);
  };
  return {
    on(name, listener) {
      listeners[name].add(listener);
      return () => void listeners[name].delete(listener);
    },
    emit,
    touch() {
      if (timer || listeners.snapshot.size === 0) return;
      timer = setTimeout(() => {
        timer = undefined;
        if (makeSnapshot) emit('snapshot', makeSnapshot());
      }, COALESCE_MS);
    },
    onTouch: (snapshot) => void (makeSnapshot = snapshot),
    close: () => clearTimeout(timer),
  };
}
