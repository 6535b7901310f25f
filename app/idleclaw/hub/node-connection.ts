import type { WebSocket } from 'ws';
import { CLOSE, NODE_LIMITS, type HeartbeatFrame, type NodeOffer } from '../frames.ts';
import type { Attempt } from './attempt.ts';
import type { HubLimits } from './hub-limits.ts';
import type { ModelCapabilities, NodeRecord } from './node-record.ts';
import type { NodeView } from './pick-node.ts';
import type { Refusal, Registration } from './registration.ts';

/** What a request asks of a node besides the model. */
export interface Needs {
  readonly messages: number;
  readonly longestMessage: number;
  readonly frameBytes: number;
  readonly tools: boolean;
}

/** Request ids whose chunks may still arrive after their end: they were on the way. */
const REMEMBERED_ENDS = 64;
/** A node that reads so slowly gets nothing new. */
const MAX_UNSENT_BYTES = 16 * 1024 * 1024;

export interface NodeIntroduction {
  readonly socket: WebSocket;
  readonly address: string;
  readonly offer: NodeOffer | undefined;
  readonly registration: Registration;
  readonly record: NodeRecord;
}

/** One registered node on one socket. */
export class NodeConnection {
  readonly nodeId: string;
  readonly address: string;
  readonly offer: NodeOffer | undefined;
  readonly record: NodeRecord;
  readonly connectedAtMs: number;
  readonly attempts = new Map<string, Attempt>();
  registration: Registration;
  lastHeartbeatMs: number;
  lastAskedMs = 0;
  private readonly socket: WebSocket;
  private readonly limits: HubLimits;
  private readonly endedIds = new Set<string>();
  private reported = { foreign: 0, available: 1 };

  constructor(introduction: NodeIntroduction, limits: HubLimits, nowMs: number) {
    this.socket = introduction.socket;
    this.address = introduction.address;
    this.offer = introduction.offer;
    this.registration = introduction.registration;
    this.nodeId = introduction.registration.nodeId;
    this.record = introduction.record;
    this.limits = limits;
    this.connectedAtMs = nowMs;
    this.lastHeartbeatMs = nowMs;
  }

  heartbeat(frame: HeartbeatFrame, nowMs: number): void {
    this.lastHeartbeatMs = nowMs;
    this.reported = whatIsReported(frame, this.attempts.size, this.registration.maxConcurrent);
  }

  view(nowMs: number): NodeView {
    return {
      active: this.attempts.size + this.reported.foreign,
      maxConcurrent: this.registration.maxConcurrent,
      reputation: this.record.reputation,
      availability: this.reported.available * freshness(nowMs - this.lastHeartbeatMs, this.limits),
    };
  }

  fits(model: string, { messages, longestMessage, frameBytes, tools }: Needs): boolean {
    if (!this.registration.models.has(model) || this.socket.bufferedAmount > MAX_UNSENT_BYTES) return false;
    const limits = this.offer?.limits ?? NODE_LIMITS;
    if (messages > limits.messages || longestMessage > limits.messageCharacters) return false;
    if (!this.offer && frameBytes > this.limits.plainNodeFrameBytes) return false;
    return !tools || this.capabilities(model).tool_calls !== false;
  }

  /** A node's own word about its models before what probes have shown. */
  capabilities(model: string): ModelCapabilities {
    return this.offer?.capabilities[model] ?? this.record.capabilities.get(model) ?? {};
  }

  learn(model: string, shown: ModelCapabilities): void {
    this.record.capabilities.set(model, { ...this.record.capabilities.get(model), ...shown });
  }

  begin(attempt: Attempt): void {
    this.attempts.set(attempt.requestId, attempt);
  }

  finish({ requestId }: Attempt): void {
    this.attempts.delete(requestId);
    this.endedIds.add(requestId);
    if (this.endedIds.size > REMEMBERED_ENDS)
      for (const oldest of this.endedIds) return void this.endedIds.delete(oldest);
  }

  /** A request of this node that is over: what comes for it now was on the way. */
  hasEnded(requestId: string): boolean {
    return this.endedIds.has(requestId);
  }

  send(text: string): void {
    if (this.isOpen) this.socket.send(text, ignoreSendError);
  }

  get isOpen(): boolean {
    return this.socket.readyState === this.socket.OPEN;
  }

  close(why: Refusal): void {
    const { code, reason } = CLOSE[why];
    this.socket.close(code, reason);
  }

  /** For a connection that should be gone but whose other side does not say so. */
  terminate(): void {
    this.socket.terminate();
  }

  /** @param within turns the wait into its end, whatever happens. @returns whether the other side is still there */
  answersPing(within: (timedOut: () => void) => () => void): Promise<boolean> {
    return new Promise((resolve) => {
      const done = (alive: boolean) => {
        cancel();
        this.socket.off('pong', pong);
        this.socket.off('close', closed);
        resolve(alive);
      };
      const pong = () => done(true);
      const closed = () => done(false);
      this.socket.once('pong', pong);
      this.socket.once('close', closed);
      const cancel = within(closed);
      if (this.isOpen) this.socket.ping();
      else done(false);
    });
  }
}

/** The socket's own 'close' tells of a connection that broke. */
function ignoreSendError(): void {}

/** 1 while heartbeats come in time, falling to 0 where the node is evicted. */
export function freshness(ageMs: number, { heartbeatMs, evictAfterMs }: HubLimits): number {
  return Math.min(1, Math.max(0, (evictAfterMs - ageMs) / (evictAfterMs - heartbeatMs)));
}

/**
 * What a node says it does includes what it does for us: that part is known better here, and by the time it ends the word of the
 * node would be old. So only the rest counts: work for others, and places that are gone for other reasons.
 */
export function whatIsReported(
  { active_requests: active, available }: Pick<HeartbeatFrame, 'active_requests' | 'available'>,
  own: number,
  maxConcurrent: number,
): { foreign: number; available: number } {
  const foreign = Math.max(0, Math.floor(active) - own);
  if (typeof available === 'boolean')
    return { foreign, available: available || own + foreign >= maxConcurrent ? 1 : 0 };
  const free = Math.max(0, available) + Math.min(maxConcurrent, own + foreign);
  return { foreign, available: Math.min(1, free / maxConcurrent) };
}
