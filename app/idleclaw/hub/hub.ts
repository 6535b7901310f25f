import { Attempt, type AttemptEnd, type AttemptTimes } from './attempt.ts';
import { createAddressOf, type AddressOf } from './client-address.ts';
import type { HubDeps } from './hub-deps.ts';
import { HubMetrics } from './hub-metrics.ts';
import type { HubChunk } from './node-frames.ts';
import type { Needs, NodeConnection } from './node-connection.ts';
import { afterAnswer, afterFailure, NodeRecords } from './node-record.ts';
import { NodeRegistry } from './node-registry.ts';
import { pickNode } from './pick-node.ts';
import { Parallel, TokenBuckets } from './token-buckets.ts';

const SWEEP_MS = 1_000;

export type Pick =
  | { readonly node: NodeConnection }
  /** 'busy': some could, but have no place now. 'none': nobody here has that model, or takes that much */
  | { readonly none: 'busy' | 'none' };

/** What all endpoints of one hub share: who is connected, what is under way, who has asked how often. */
export class Hub {
  readonly deps: HubDeps;
  readonly nodes = new NodeRegistry();
  readonly records = new NodeRecords();
  readonly metrics: HubMetrics;
  readonly startedAtMs: number;
  readonly addressOf: AddressOf;
  readonly chatRate: TokenBuckets;
  readonly otherRate: TokenBuckets;
  readonly socketRate: TokenBuckets;
  readonly toolRate: TokenBuckets;
  readonly chatsAt: Parallel;
  draining = false;
  private readonly running = new Set<Attempt>();
  private answers = 0;
  private allAnswered: (() => void)[] = [];
  private waiting: (() => void)[] = [];
  private readonly stopSweep: () => void;
  private lastEvictCheckMs: number;

  constructor(deps: HubDeps) {
    const { limits, clock } = deps;
    this.deps = deps;
    this.addressOf = createAddressOf(deps.trustedProxies);
    this.chatRate = new TokenBuckets(limits.chatPerMinute);
    this.otherRate = new TokenBuckets(limits.otherPerMinute);
    this.socketRate = new TokenBuckets(limits.socketsPerMinute);
    this.toolRate = new TokenBuckets(limits.toolCallsPerMinutePerNode);
    this.chatsAt = new Parallel(limits.parallelChatsPerAddress);
    this.metrics = new HubMetrics({
      nodes: () => this.nodes.size,
      models: () => this.nodes.models().length,
      running: () => this.running.size,
    });
    this.startedAtMs = clock.nowMs();
    this.lastEvictCheckMs = this.startedAtMs;
    this.stopSweep = clock.every(SWEEP_MS, () => this.sweep());
  }

  get runningCount(): number {
    return this.running.size;
  }

  pick(model: string, needs: Needs, notAgain: ReadonlySet<string>): Pick {
    const nowMs = this.deps.clock.nowMs();
    const able = [...this.nodes.all()].filter((node) => !notAgain.has(node.nodeId) && node.fits(model, needs));
    if (able.length === 0) return { none: 'none' };
    const node = pickNode(able, (candidate) => candidate.view(nowMs), this.deps.random);
    return node ? { node } : { none: 'busy' };
  }

  /** @param paramsJson ollama_params, already JSON: it is the same for every node that is asked */
  begin(
    node: NodeConnection,
    request: { id: string; paramsJson: string; times: AttemptTimes; onChunk: (chunk: HubChunk) => void },
  ): Attempt {
    const attempt = new Attempt(request.id, request.times, this.deps.clock.nowMs(), request.onChunk);
    this.running.add(attempt);
    node.begin(attempt);
    node.lastAskedMs = attempt.startedAtMs;
    void attempt.ended.then((end) => this.finish(node, attempt, end));
    node.send(
      `{"type":"inference_request","request_id":${JSON.stringify(request.id)},"ollama_params":${request.paramsJson}}`,
    );
    return attempt;
  }

  /** Resolves when a place may have become free: somebody ended, came, or said so. */
  placeFreed(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  wakeWaiting(): void {
    const woken = this.waiting;
    this.waiting = [];
    for (const wake of woken) wake();
  }

  /** @returns to be called when this answer is over, however it ended */
  answerBegins(): () => void {
    this.answers += 1;
    return () => {
      this.answers -= 1;
      if (this.answers === 0) for (const resolve of this.allAnswered.splice(0)) resolve();
    };
  }

  async noAnswersRunning(): Promise<void> {
    if (this.answers > 0) await new Promise<void>((resolve) => this.allAnswered.push(resolve));
  }

  /** Its requests fail, so that others can take over what has not begun. */
  drop(node: NodeConnection): void {
    this.nodes.remove(node);
    for (const attempt of node.attempts.values()) attempt.end({ kind: 'failed', why: 'lost' });
  }

  stop(): void {
    this.stopSweep();
    this.wakeWaiting();
  }

  private finish(node: NodeConnection, attempt: Attempt, end: AttemptEnd): void {
    this.running.delete(attempt);
    node.finish(attempt);
    const outcome = end.kind === 'failed' ? end.why : end.kind;
    this.metrics.attempts.inc({ outcome });
    // A node that ended by itself knows; one that was lost cannot be told.
    if (outcome === 'stopped' || outcome === 'stalled' || outcome === 'overtime')
      node.send(JSON.stringify({ type: 'cancel_request', request_id: attempt.requestId }));
    judge(node, outcome);
    this.wakeWaiting();
  }

  private sweep(): void {
    const nowMs = this.deps.clock.nowMs();
    for (const attempt of this.running) attempt.checkTime(nowMs);
    if (nowMs - this.lastEvictCheckMs < this.deps.limits.evictCheckMs) return;
    this.lastEvictCheckMs = nowMs;
    for (const node of this.nodes.all())
      if (nowMs - node.lastHeartbeatMs >= this.deps.limits.evictAfterMs) this.evict(node);
  }

  private evict(node: NodeConnection): void {
    this.metrics.refused('heartbeat timeout');
    node.close('heartbeatTimeout');
    this.drop(node);
  }
}

/** invalid_request is about the request, 'stopped' about the consumer: neither says anything about the node. */
function judge({ record }: NodeConnection, outcome: string): void {
  if (outcome === 'done') {
    record.answered += 1;
    record.reputation = afterAnswer(record.reputation);
  } else if (outcome !== 'stopped' && outcome !== 'invalid_request') {
    record.failed += 1;
    record.reputation = afterFailure(record.reputation);
  }
}
