import type { Bridge } from '../../app/contract/bridge.ts';
import { EVENT_NAMES, type EventName, type Events } from '../../app/contract/events.ts';
import type { GridSnapshot } from '../../app/contract/snapshot.ts';
import type { ConnectionStore } from './connection-store.ts';
import { createEventParser } from './event-stream.ts';
import type { HttpSession } from './http-session.ts';

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 10_000;

export interface HttpBridgeDeps {
  readonly session: HttpSession;
  readonly connection: ConnectionStore;
  readonly nowMs: () => number;
  /** resolves after so many milliseconds */
  readonly wait: (ms: number) => Promise<void>;
}

type Listeners = { [Name in EventName]: Set<(event: Events[Name]) => void> };

/** The contract over HTTP: commands as requests, events as one stream that is opened again for as long as the page lives. */
export function createHttpBridge(deps: HttpBridgeDeps): Bridge {
  const listeners: Listeners = { snapshot: new Set(), prompt: new Set() };
  let streaming = false;

  function emit(name: string, data: string): void {
    if (!EVENT_NAMES.includes(name as EventName)) return;
    const event: unknown = JSON.parse(data);
    for (const listener of listeners[name as EventName]) (listener as (event: unknown) => void)(event);
  }

  async function snapshot(): Promise<GridSnapshot> {
    const response = await deps.session.request('/control/snapshot');
    return (await response.json()) as GridSnapshot;
  }

  /** Subscribe, then ask: what changed while nobody listened is in the snapshot asked for once the stream is open. */
  async function readStream(): Promise<void> {
    const response = await deps.session.request('/control/events', { headers: { accept: 'text/event-stream' } });
    if (!response.body) throw new Error('the event stream has no body');
    const current = await snapshot();
    deps.connection.setState({ state: 'live', retryAtMs: null });
    for (const listener of listeners.snapshot) listener(current);

    const parse = createEventParser();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read())
      for (const { event, data } of parse(part.value)) emit(event, data);
  }

  async function keepStreaming(): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    for (;;) {
      try {
        await readStream();
      } catch {
        // Why it failed is of no use to people here; that it did shows in the connection state.
      }
      if (deps.session.locked) {
        deps.connection.setState({ state: 'locked', retryAtMs: null });
        streaming = false;
        return;
      }
      if (deps.connection.getState().state === 'live') retryMs = FIRST_RETRY_MS;
      deps.connection.setState({ state: 'lost', retryAtMs: deps.nowMs() + retryMs });
      await deps.wait(retryMs);
      retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
    }
  }

  return {
    shell: 'browser',
    snapshot,
    async command(name, args) {
      const response = await deps.session.request(`/control/commands/${name}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(args),
      });
      return (await response.json()) as never;
    },
    on(name, listener) {
      listeners[name].add(listener);
      if (!streaming) {
        streaming = true;
        void keepStreaming();
      }
      return () => listeners[name].delete(listener);
    },
  };
}
