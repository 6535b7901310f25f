import type { OllamaParams } from '../frames.ts';
import { SEARCH_TOOL } from './web-search.ts';
import type { AttemptEnd } from './attempt.ts';
import type { Hub } from './hub.ts';
import type { NodeConnection } from './node-connection.ts';

/** Below this a node is asked for a sign of life before it is left aside for good. */
const POOR_REPUTATION = 0.35;
const PROBE_MS = 60_000;

export type Probe =
  | { readonly about: 'life'; readonly model: string }
  | { readonly about: 'thinking' | 'tool_calls'; readonly model: string };

export interface Probed {
  readonly answered: number;
  readonly reputation: number;
  readonly models: readonly string[];
  isKnown(model: string, about: 'thinking' | 'tool_calls'): boolean;
}

/**
 * What should be asked of an idle node, if anything. A probe costs its owner electricity and may load a model, so: one sign of
 * life at first, what each model can do once in a node's life and only if the node does not tell itself, and after failures
 * now and then whether it is well again.
 */
export function decideProbe(node: Probed): Probe | undefined {
  const [first] = node.models;
  if (first === undefined) return undefined;
  if (node.answered === 0 || node.reputation < POOR_REPUTATION) return { about: 'life', model: first };
  for (const model of node.models)
    for (const about of ['tool_calls', 'thinking'] as const) if (!node.isKnown(model, about)) return { about, model };
  return undefined;
}

/** Looks once a second which nodes have been idle for long enough. @returns what stops it */
export function startProbes(hub: Hub): () => void {
  const { clock, limits } = hub.deps;
  return clock.every(1_000, () => {
    const nowMs = clock.nowMs();
    if (hub.draining) return;
    for (const node of hub.nodes.all()) {
      const { active, availability } = node.view(nowMs);
      const isDue = nowMs - node.lastAskedMs >= limits.probeEveryMs;
      if (!isDue || active > 0 || availability === 0) continue;
      const probe = decideProbe(probedOf(node));
      if (probe) runProbe(hub, node, probe);
    }
  });
}

function probedOf(node: NodeConnection): Probed {
  const { record, registration } = node;
  // The smallest first: it is the cheapest to load.
  const models = [...registration.models].sort(([, a], [, b]) => a - b).map(([name]) => name);
  return {
    answered: record.answered,
    reputation: record.reputation,
    models,
    isKnown: (model, about) => node.capabilities(model)[about] !== undefined,
  };
}

function runProbe(hub: Hub, node: NodeConnection, { about, model }: Probe): void {
  const { clock, randomUuid } = hub.deps;
  const params: OllamaParams = {
    model,
    messages: [{ role: 'user', content: 'hi' }],
    stream: true,
    think: about === 'thinking',
    keep_alive: '1m',
    options: { num_predict: 1 },
    ...(about === 'tool_calls' ? { tools: [SEARCH_TOOL] } : {}),
  };
  const attempt = hub.begin(node, {
    id: `probe-${randomUuid()}`,
    paramsJson: JSON.stringify(params),
    times: { betweenChunksMs: PROBE_MS, deadlineAtMs: clock.nowMs() + PROBE_MS },
    onChunk: () => undefined,
  });
  void attempt.ended.then((end) => {
    const shown = about === 'life' ? undefined : whatIsShown(end);
    if (about !== 'life' && shown !== undefined) node.learn(model, { [about]: shown });
  });
}

/** Ollama answers an error to what a model cannot do; that Ollama is away says nothing about the model. */
function whatIsShown(end: AttemptEnd): boolean | undefined {
  if (end.kind === 'done') return true;
  return end.kind === 'failed' && end.why === 'ollama_error' ? false : undefined;
}
