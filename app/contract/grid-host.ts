import type { EventName, Events } from './events.ts';
import type { GridSnapshot } from './snapshot.ts';

/** What a running grid offers to the shells around it (Electron's main process, the control server, the unix socket). */
export interface GridHost {
  snapshot(): GridSnapshot;
  /** Takes unknown arguments from any door and parses them itself; rejects with a GridError. */
  command(name: string, args: unknown): Promise<unknown>;
  on<Name extends EventName>(name: Name, listener: (event: Events[Name]) => void): () => void;
}
