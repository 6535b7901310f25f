import { createStore } from 'zustand/vanilla';

/**
 * How the pages reach Lobstah. 'lost': it does not answer, and is tried again. 'locked': it answers, but this page has no
 * valid key (Lobstah was started anew, or the page was opened without its one-time code).
 */
export type ConnectionState = 'connecting' | 'live' | 'lost' | 'locked';

export interface Connection {
  readonly state: ConnectionState;
  /** when the next try starts; null unless lost */
  readonly retryAtMs: number | null;
}

export type ConnectionStore = ReturnType<typeof createConnectionStore>;

export function createConnectionStore(state: ConnectionState) {
  return createStore<Connection>(() => ({ state, retryAtMs: null }));
}
