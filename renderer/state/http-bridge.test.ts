import { describe, expect, it } from 'vitest';
import type { GridSnapshot } from '../../app/contract/snapshot.ts';
import { createConnectionStore, type ConnectionState } from './connection-store.ts';
import { createHttpBridge } from './http-bridge.ts';
import type { HttpSession } from './http-session.ts';

/** A server in memory: each stream is opened, written and closed by the test. */
function fixture() {
  const streams: ReadableStreamDefaultController<Uint8Array>[] = [];
  const requests: { path: string; body: unknown }[] = [];
  const waits: { ms: number; go: () => void }[] = [];
  const states: ConnectionState[] = [];
  const server = { revision: 1, isDown: false, locked: false };
  const opened: (() => void)[] = [];

  const session: HttpSession = {
    get locked() {
      return server.locked;
    },
    async request(path, init) {
      requests.push({ path, body: init?.body === undefined ? null : JSON.parse(init.body as string) });
      if (server.isDown || server.locked) throw new Error('refused');
      if (path === '/control/snapshot') return Response.json({ revision: server.revision });
      if (path !== '/control/events') return Response.json({ stopped: true });
      return new Response(new ReadableStream({ start: (stream) => void streams.push(stream) }));
    },
  };
  const connection = createConnectionStore('connecting');
  connection.subscribe(({ state }) => {
    states.push(state);
    if (state !== 'connecting') opened.shift()?.();
  });
  const bridge = createHttpBridge({
    session,
    connection,
    nowMs: () => 0,
    wait: (ms) => new Promise((go) => waits.push({ ms, go })),
  });
  const nextState = () => new Promise<void>((resolve) => opened.push(resolve));
  return { bridge, server, streams, requests, waits, states, nextState, connection };
}

const bytes = (text: string) => new TextEncoder().encode(text);

describe('the HTTP bridge', () => {
  it('sends a command as JSON and gives back its result', async () => {
    const { bridge, requests } = fixture();
    expect(await bridge.command('stopJob', { jobId: 'j' })).toEqual({ stopped: true });
    expect(requests).toEqual([{ path: '/control/commands/stopJob', body: { jobId: 'j' } }]);
  });

  it('opens one stream for all listeners, then asks for what it may have missed', async () => {
    const { bridge, requests, nextState, states } = fixture();
    const seen: number[] = [];
    const live = nextState();
    bridge.on('snapshot', ({ revision }) => seen.push(revision));
    bridge.on('prompt', () => undefined);
    await live;
    expect(requests.map(({ path }) => path)).toEqual(['/control/events', '/control/snapshot']);
    expect(states).toEqual(['live']);
    expect(seen).toEqual([1]);
  });

  it('gives events to their listeners, leaves out unknown ones, and stops when told', async () => {
    const { bridge, streams, nextState } = fixture();
    const seen: number[] = [];
    let heard: () => void = () => undefined;
    const live = nextState();
    const off = bridge.on('snapshot', ({ revision }: GridSnapshot) => {
      seen.push(revision);
      heard();
    });
    await live;
    const second = new Promise<void>((resolve) => (heard = resolve));
    streams[0]?.enqueue(bytes('event: weather\ndata: {}\n\nevent: snapshot\ndata: {"revis'));
    streams[0]?.enqueue(bytes('ion":2}\n\n'));
    await second;
    expect(seen).toEqual([1, 2]);
    off();
    const third = new Promise<void>((resolve) => bridge.on('snapshot', () => resolve()));
    streams[0]?.enqueue(bytes('event: snapshot\ndata: {"revision":3}\n\n'));
    await third;
    expect(seen).toEqual([1, 2]);
  });

  it('says that it was lost, waits longer each time, and catches up when Lobstah is back', async () => {
    const { bridge, server, streams, waits, states, nextState } = fixture();
    const seen: number[] = [];
    const live = nextState();
    bridge.on('snapshot', ({ revision }) => seen.push(revision));
    await live;

    server.isDown = true;
    let lost = nextState();
    streams[0]?.close();
    await lost;
    for (let tries = 1; tries <= 6; tries += 1) {
      lost = nextState();
      waits.at(-1)?.go();
      await lost;
    }
    expect(waits.map(({ ms }) => ms)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);

    server.isDown = false;
    server.revision = 9;
    const back = nextState();
    waits.at(-1)?.go();
    await back;
    expect(states.at(-1)).toBe('live');
    expect(seen.at(-1)).toBe(9);
  });

  it('does not try again once it is locked', async () => {
    const { bridge, server, waits, nextState, connection } = fixture();
    server.locked = true;
    const locked = nextState();
    bridge.on('snapshot', () => undefined);
    await locked;
    expect(connection.getState().state).toBe('locked');
    expect(waits).toEqual([]);
  });
});
