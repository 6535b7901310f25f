import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { matchFilters, type Filter } from 'nostr-tools/filter';
import { verifyEvent, type NostrEvent } from 'nostr-tools/pure';
import { WebSocketServer, type WebSocket } from 'ws';

export interface FakeRelay extends AsyncDisposable {
  readonly url: string;
  /** what it keeps now */
  events(): readonly NostrEvent[];
  /** every message of a client, in order */
  readonly received: unknown[][];
  /** ever made */
  connections(): number;
  /** open now */
  clients(): number;
  /** puts an event in as any other client would; returns the relay's answer */
  put(event: unknown): readonly unknown[];
  /** sends to every subscriber whatever it is, verified by nobody: what a hostile relay does */
  inject(event: unknown): void;
  /** from now on: refuses events with these words */
  refuse(words: string | undefined): void;
  /** cuts every connection */
  cut(): void;
}

const DELETION = 5;
const isAddressable = (kind: number) => kind >= 30_000 && kind < 40_000;
const dOf = (event: NostrEvent) => event.tags.find(([name]) => name === 'd')?.[1] ?? '';
const addressOf = (event: NostrEvent) => `${event.kind}:${event.pubkey}:${dOf(event)}`;

/** A small relay as NIP-01 and NIP-09 have it: EVENT, REQ, CLOSE, OK, EOSE, addressable events, deletions. */
export async function startFakeRelay(port = 0, host = '127.0.0.1'): Promise<FakeRelay> {
  const server = createServer();
  const sockets = new WebSocketServer({ server });
  const subscriptions = new Map<WebSocket, Map<string, Filter[]>>();
  const received: unknown[][] = [];
  const deletedAddresses = new Map<string, number>();
  const deletedIds = new Set<string>();
  let kept: NostrEvent[] = [];
  let refusal: string | undefined;
  let connections = 0;

  function take(input: unknown): readonly unknown[] {
    const event = JSON.parse(JSON.stringify(input)) as NostrEvent;
    const no = (words: string) => ['OK', event.id, false, words];
    if (!verifyEvent(event)) return no('invalid: bad signature');
    if (refusal !== undefined) return no(refusal);
    if (kept.some(({ id }) => id === event.id)) return ['OK', event.id, true, 'duplicate: already have this event'];
    if (deletedIds.has(`${event.pubkey} ${event.id}`)) return no('blocked: deleted by its author');
    if (event.kind === DELETION) remove(event);
    if (isAddressable(event.kind)) {
      const address = addressOf(event);
      if (event.created_at <= (deletedAddresses.get(address) ?? -1)) return no('blocked: deleted by its author');
      const before = kept.find((other) => isAddressable(other.kind) && addressOf(other) === address);
      if (before && before.created_at >= event.created_at) return no('replaced: have newer event');
      kept = kept.filter((other) => other !== before);
    }
    kept.push(event);
    broadcast(event);
    return ['OK', event.id, true, ''];
  }

  function remove(deletion: NostrEvent): void {
    for (const [name, value = ''] of deletion.tags) {
      if (name === 'e') {
        deletedIds.add(`${deletion.pubkey} ${value}`);
        kept = kept.filter(({ id, pubkey }) => id !== value || pubkey !== deletion.pubkey);
      }
      if (name === 'a' && value.split(':')[1] === deletion.pubkey) {
        deletedAddresses.set(value, deletion.created_at);
        kept = kept.filter((event) => addressOf(event) !== value || event.created_at > deletion.created_at);
      }
    }
  }

  function broadcast(event: NostrEvent): void {
    for (const [socket, filters] of subscriptions)
      for (const [name, wanted] of filters)
        if (matchFilters(wanted, event)) socket.send(JSON.stringify(['EVENT', name, event]));
  }

  function answer(socket: WebSocket, [kind, ...rest]: unknown[]): void {
    if (kind === 'EVENT') socket.send(JSON.stringify(take(rest[0])));
    if (kind === 'CLOSE') subscriptions.get(socket)?.delete(rest[0] as string);
    if (kind !== 'REQ') return;
    const [name, ...filters] = rest as [string, ...Filter[]];
    subscriptions.get(socket)?.set(name, filters);
    for (const event of [...kept].sort((a, b) => b.created_at - a.created_at))
      if (matchFilters(filters, event)) socket.send(JSON.stringify(['EVENT', name, event]));
    socket.send(JSON.stringify(['EOSE', name]));
  }

  sockets.on('connection', (socket) => {
    connections += 1;
    subscriptions.set(socket, new Map());
    socket.on('message', (data) => {
      const message = JSON.parse((data as Buffer).toString('utf8')) as unknown[];
      received.push(message);
      answer(socket, message);
    });
    socket.on('close', () => subscriptions.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  const cut = () => {
    for (const socket of sockets.clients) socket.terminate();
  };
  return {
    url: `ws://${host}:${(server.address() as AddressInfo).port}`,
    events: () => kept,
    received,
    connections: () => connections,
    clients: () => subscriptions.size,
    put: take,
    inject(event) {
      for (const [socket, filters] of subscriptions)
        for (const name of filters.keys()) socket.send(JSON.stringify(['EVENT', name, event]));
    },
    refuse: (words) => (refusal = words),
    cut,
    async [Symbol.asyncDispose]() {
      cut();
      sockets.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
