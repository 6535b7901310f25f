/** Remembered for a node_id also while it is away: reconnecting is no way to get a better name. */
export interface NodeRecord {
  /** 0 to 1 */
  reputation: number;
  /** what probes and answers have shown; absent: not known yet */
  readonly capabilities: Map<string, ModelCapabilities>;
  answered: number;
  failed: number;
}

export interface ModelCapabilities {
  thinking?: boolean;
  tool_calls?: boolean;
}

/** A node that nobody knows is neither trusted nor distrusted. */
const START = 0.5;
const GAIN = 0.1;
/** One failure weighs as much as several answers: a consumer waited for nothing. */
const LOSS = 0.3;
const MAX_RECORDS = 10_000;

export const afterAnswer = (reputation: number): number => reputation + GAIN * (1 - reputation);
export const afterFailure = (reputation: number): number => reputation * (1 - LOSS);

export class NodeRecords {
  private readonly records = new Map<string, NodeRecord>();

  of(nodeId: string): NodeRecord {
    const known = this.records.get(nodeId);
    // Taken out and put in again: the first of the map is the one that was away longest.
    this.records.delete(nodeId);
    const record = known ?? { reputation: START, capabilities: new Map(), answered: 0, failed: 0 };
    this.records.set(nodeId, record);
    if (this.records.size > MAX_RECORDS) for (const oldest of this.records.keys()) return this.drop(oldest, record);
    return record;
  }

  private drop(oldest: string, record: NodeRecord): NodeRecord {
    this.records.delete(oldest);
    return record;
  }
}
