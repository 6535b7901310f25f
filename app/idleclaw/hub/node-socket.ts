import type { RawData, WebSocket } from 'ws';
import { CLOSE, type NodeOffer } from '../frames.ts';
import type { Hub } from './hub.ts';
import { parseNodeFrame, type ParsedFrame } from './node-frames.ts';
import { NodeConnection } from './node-connection.ts';
import { parseRegistration, type Refusal, type Registration } from './registration.ts';
import { TokenBuckets } from './token-buckets.ts';

/** Whether a socket that holds a wanted node_id still lives is found out by a ping. */
const PING_MS = 3_000;

/** One socket of a node, from its first frame to its end. */
export function serveNode(hub: Hub, socket: WebSocket, who: { address: string; offer: NodeOffer | undefined }): void {
  const { clock, limits, log } = hub.deps;
  const frameErrors = new TokenBuckets(limits.frameErrorsPerMinute);
  let node: NodeConnection | undefined;
  let deciding = false;

  const refuse = (why: Refusal) => {
    hub.metrics.refused(CLOSE[why].reason);
    socket.close(CLOSE[why].code, CLOSE[why].reason);
  };
  const giveUp = clock.after(limits.registrationMs, () => refuse('registrationTimeout'));

  /** A frame that is not understood, or that concerns somebody else: said, counted, and the socket lives. */
  const objectTo = (message: string) => {
    hub.metrics.refused(message);
    if (frameErrors.take('', clock.nowMs()) > 0) return;
    socket.send(JSON.stringify({ type: 'error', message }), () => undefined);
  };

  const register = async (registration: Registration) => {
    deciding = true;
    const refusal = await makeRoom(hub, registration.nodeId, who.address);
    deciding = false;
    if (socket.readyState !== socket.OPEN) return;
    giveUp();
    if (refusal) return refuse(refusal);
    if (hub.draining) return refuse('goingAway');
    node = new NodeConnection(
      { socket, registration, address: who.address, offer: who.offer, record: hub.records.of(registration.nodeId) },
      limits,
      clock.nowMs(),
    );
    hub.nodes.put(node);
    node.send(JSON.stringify({ type: 'registered', node_id: registration.nodeId }));
    log.info({ node: node.nodeId, models: registration.models.size }, 'a node registered');
    hub.wakeWaiting();
  };

  const firstFrame = (frame: ParsedFrame) => {
    if (frame.type === 'junk') return objectTo(frame.why);
    const registration = parseRegistration(frame.type === 'other' ? frame.frame : undefined, limits);
    if (typeof registration === 'string') return refuse(registration);
    void register(registration);
  };

  const laterFrame = (frame: ParsedFrame, from: NodeConnection) => {
    switch (frame.type) {
      case 'chunk':
      case 'error': {
        const attempt = from.attempts.get(frame.requestId);
        if (!attempt) {
          if (!from.hasEnded(frame.requestId)) objectTo('not a request of this node');
        } else if (frame.type === 'chunk') attempt.take(frame.chunk, clock.nowMs());
        else attempt.end({ kind: 'failed', why: frame.error });
        return;
      }
      case 'heartbeat':
        if (frame.heartbeat.node_id.toLowerCase() !== from.nodeId) return objectTo('not the node_id of this node');
        from.heartbeat(frame.heartbeat, clock.nowMs());
        return hub.wakeWaiting();
      case 'other':
        return again(frame.frame, from);
      case 'junk':
        return objectTo(frame.why);
    }
  };

  /** Registering again on the same socket tells of other models. */
  const again = (frame: unknown, from: NodeConnection) => {
    const registration = parseRegistration(frame, limits);
    if (typeof registration === 'string')
      return objectTo(registration === 'expectedRegister' ? 'unknown type' : CLOSE[registration].reason);
    if (registration.nodeId !== from.nodeId) return objectTo('not the node_id of this node');
    from.registration = registration;
    from.send(JSON.stringify({ type: 'registered', node_id: from.nodeId }));
    hub.wakeWaiting();
  };

  socket.on('message', (bytes: RawData, isBinary: boolean) => {
    // What comes while room is being made is from a node that did not wait to be told.
    if (deciding || socket.readyState !== socket.OPEN) return;
    const frame: ParsedFrame = isBinary
      ? { type: 'junk', why: 'not text' }
      : parseNodeFrame((bytes as Buffer).toString('utf8'));
    if (node) laterFrame(frame, node);
    else firstFrame(frame);
  });
  // ws tells what was wrong (a frame too large, broken text) and closes with the fitting code.
  socket.on('error', (error) => log.debug({ err: error.message }, 'a socket of a node broke'));
  socket.on('close', () => {
    giveUp();
    if (node) hub.drop(node);
  });
}

/**
 * A node_id belongs to whoever holds it. From the same address a newer socket takes over, because the older one is what a
 * reconnecting node left behind; from another address only if the older one no longer answers. Connections that died without a
 * word do not count against those of their address that live.
 */
async function makeRoom(hub: Hub, nodeId: string, address: string): Promise<Refusal | undefined> {
  const { limits } = hub.deps;
  const holder = hub.nodes.get(nodeId);
  if (holder && holder.address !== address && (await isAlive(hub, holder))) return 'nodeIdTaken';
  const others = hub.nodes.at(address, nodeId);
  if (others.length >= limits.nodesPerAddress)
    await Promise.all(
      others.map(async (node) => {
        if (await isAlive(hub, node)) return;
        node.terminate();
        hub.drop(node);
      }),
    );
  if (hub.nodes.at(address, nodeId).length >= limits.nodesPerAddress) return 'tooManyNodes';
  const replaced = hub.nodes.get(nodeId);
  if (replaced) {
    replaced.close('replaced');
    hub.drop(replaced);
  }
  return undefined;
}

const isAlive = ({ deps: { clock } }: Hub, node: NodeConnection) =>
  node.answersPing((end) => clock.after(PING_MS, end));
