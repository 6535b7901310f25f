/** What routing knows of a node. All of it is decided on here, and nowhere else. */
export interface NodeView {
  /** requests under way: the hub's own, and what the node says it does for others */
  readonly active: number;
  readonly maxConcurrent: number;
  /** 0 to 1 */
  readonly reputation: number;
  /** 0 to 1: what the node last said, and how long ago */
  readonly availability: number;
}

const WEIGHTS = { load: 0.5, reputation: 0.3, availability: 0.2 } as const;

/** 0 to 1, higher is better. */
export function scoreNode({ active, maxConcurrent, reputation, availability }: NodeView): number {
  const free = 1 - Math.min(1, active / maxConcurrent);
  return WEIGHTS.load * free + WEIGHTS.reputation * reputation + WEIGHTS.availability * availability;
}

export function hasPlace({ active, maxConcurrent, availability }: NodeView): boolean {
  return active < maxConcurrent && availability > 0;
}

/** The best of those with a place; among equals by chance, so that the first in a list does not get all the work. */
export function pickNode<T>(nodes: Iterable<T>, viewOf: (node: T) => NodeView, random: () => number): T | undefined {
  let best: T | undefined;
  let bestScore = -1;
  let equals = 0;
  for (const node of nodes) {
    const view = viewOf(node);
    if (!hasPlace(view)) continue;
    const score = scoreNode(view);
    if (score < bestScore) continue;
    equals = score > bestScore ? 1 : equals + 1;
    if (equals === 1 || random() * equals < 1) best = node;
    bestScore = score;
  }
  return best;
}
