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
  /** the picture changes by itself at that moment, when a pause ends; one such moment is kept */
  touchAt(atMs: number): void;
  onTouch(snapshot: () => GridSnapshot): void;
  close(): void;
}

/** The longest a timer can wait, in ms; what is further away is looked at again then. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export function createNews(deps: { nowMs: () => number }): News {
  const listeners: { [Name in EventName]: Set<(event: Events[Name]) => void> } = {
    snapshot: new Set(),
    prompt: new Set(),
  };
  let timer: NodeJS.Timeout | undefined;
  let later: NodeJS.Timeout | undefined;
  let laterMs: number | undefined;
  let makeSnapshot: (() => GridSnapshot) | undefined;
  const emit = <Name extends EventName>(name: Name, event: Events[Name]): void => {
    for (const listener of listeners[name]) listener(event);
  };
  const touch = (): void => {
    if (timer || listeners.snapshot.size === 0) return;
    timer = setTimeout(() => {
      timer = undefined;
      if (makeSnapshot) emit('snapshot', makeSnapshot());
    }, COALESCE_MS);
  };
  return {
    on(name, listener) {
      listeners[name].add(listener);
      return () => void listeners[name].delete(listener);
    },
    emit,
    touch,
    touchAt(atMs) {
      if (atMs === laterMs) return;
      clearTimeout(later);
      laterMs = atMs;
      later = setTimeout(
        () => {
          laterMs = undefined;
          touch();
        },
        Math.min(Math.max(0, atMs - deps.nowMs()) + 1, MAX_TIMER_MS),
      );
      later.unref();
    },
    onTouch: (snapshot) => void (makeSnapshot = snapshot),
    close() {
      clearTimeout(timer);
      clearTimeout(later);
    },
  };
}
