import { GridError } from '../../protocol/errors.ts';
import type { OllamaParams } from '../frames.ts';
import type { Attempt, AttemptEnd, FailureWhy } from './attempt.ts';
import type { Hub } from './hub.ts';
import type { HubChunk } from './node-frames.ts';
import type { Needs, NodeConnection } from './node-connection.ts';

export interface NodeAsk {
  readonly params: OllamaParams;
  readonly tools: boolean;
  readonly betweenChunksMs: number;
  readonly deadlineAtMs: number;
  /** aborted: nobody reads any more, or enough was read */
  readonly signal: AbortSignal;
  /** called in the moment a chunk arrives */
  readonly onChunk: (chunk: HubChunk) => void;
}

export interface NodeAnswer {
  readonly node: NodeConnection;
  /** undefined: stopped by the signal, or the node did not say */
  readonly doneReason: string | undefined;
}

/**
 * Asks the best node, and the next best when one fails before anything of its answer came.
 * @throws GridError no_node, nodes_busy, all_peers_failed; later peer_lost; answer_timeout at any time
 */
export async function askNodes(hub: Hub, ask: NodeAsk): Promise<NodeAnswer> {
  const paramsJson = JSON.stringify(ask.params);
  const needs = needsOf(ask, paramsJson);
  const asked = new Set<string>();
  const errors: FailureWhy[] = [];
  const startedAtMs = hub.deps.clock.nowMs();
  let chunks = 0;
  const onChunk = (chunk: HubChunk) => {
    if (chunks === 0) hub.metrics.firstChunk.observe((hub.deps.clock.nowMs() - startedAtMs) / 1_000);
    chunks += 1;
    hub.metrics.chunks.inc();
    ask.onChunk(chunk);
  };
  for (;;) {
    const { node, attempt } = await beginWherePlaceIs(hub, ask, needs, asked, errors, (free) =>
      hub.begin(free, { id: hub.deps.randomUuid(), paramsJson, times: ask, onChunk }),
    );
    asked.add(node.nodeId);
    const stop = () => attempt.end({ kind: 'stopped' });
    ask.signal.addEventListener('abort', stop, { once: true });
    if (ask.signal.aborted) stop();
    const end: AttemptEnd = await attempt.ended;
    ask.signal.removeEventListener('abort', stop);
    if (end.kind === 'done') return { node, doneReason: end.doneReason };
    if (end.kind === 'stopped') return { node, doneReason: undefined };
    hub.deps.log.info({ node: node.nodeId, why: end.why, begun: attempt.begun }, 'a node failed');
    if (end.why === 'overtime') throw new GridError('answer_timeout');
    if (attempt.begun)
      throw end.why === 'stalled'
        ? new GridError('answer_timeout')
        : new GridError('peer_lost', 'The node was lost in the middle of the answer.');
    errors.push(end.why);
    if (errors.length >= hub.deps.limits.attempts) throw allFailed(errors);
  }
}

/** Waits for a place and takes it in the same moment: two that wait for one place must not both find it free. */
async function beginWherePlaceIs(
  hub: Hub,
  { params, signal }: NodeAsk,
  needs: Needs,
  asked: ReadonlySet<string>,
  errors: readonly FailureWhy[],
  begin: (node: NodeConnection) => Attempt,
): Promise<{ node: NodeConnection; attempt: Attempt }> {
  const { clock, limits } = hub.deps;
  const untilMs = clock.nowMs() + limits.waitForPlaceMs;
  for (;;) {
    signal.throwIfAborted();
    const picked = hub.pick(params.model, needs, asked);
    if ('node' in picked) return { node: picked.node, attempt: begin(picked.node) };
    if (picked.none === 'none') throw errors.length > 0 ? allFailed(errors) : nobody(hub, params.model);
    const leftMs = untilMs - clock.nowMs();
    if (leftMs <= 0) throw new GridError('nodes_busy');
    await waitFor(hub, leftMs, signal);
  }
}

async function waitFor(hub: Hub, ms: number, signal: AbortSignal): Promise<void> {
  let cancel: () => void = () => undefined;
  let stopListening: () => void = () => undefined;
  await Promise.race([
    hub.placeFreed(),
    new Promise<void>((resolve) => (cancel = hub.deps.clock.after(ms, resolve))),
    new Promise<void>((resolve) => {
      const aborted = () => resolve();
      signal.addEventListener('abort', aborted, { once: true });
      stopListening = () => signal.removeEventListener('abort', aborted);
    }),
  ]);
  cancel();
  stopListening();
}

function needsOf({ params, tools }: NodeAsk, paramsJson: string): Needs {
  return {
    messages: params.messages.length,
    longestMessage: params.messages.reduce((longest, { content }) => Math.max(longest, content.length), 0),
    frameBytes: Buffer.byteLength(paramsJson),
    tools,
  };
}

function nobody(hub: Hub, model: string): GridError {
  const isHere = hub.nodes.models().includes(model);
  return new GridError(
    'no_node',
    isHere
      ? `No node with the model '${model}' takes a request of this size or with tools right now.`
      : `No node of this hub has the model '${model}' right now.`,
  );
}

const allFailed = (errors: readonly FailureWhy[]) =>
  new GridError('all_peers_failed', 'Every node that was asked failed.', {
    details: { attempts: errors.length, errors },
  });
