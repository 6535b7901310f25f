import type { ModelCapabilities } from './node-record.ts';
import type { NodeConnection } from './node-connection.ts';

/** Who is connected. A node is found by its id, and taken out only by the connection that is in: never by one it replaced. */
export class NodeRegistry {
  private readonly nodes = new Map<string, NodeConnection>();

  get size(): number {
    return this.nodes.size;
  }

  all(): IterableIterator<NodeConnection> {
    return this.nodes.values();
  }

  get(nodeId: string): NodeConnection | undefined {
    return this.nodes.get(nodeId);
  }

  put(node: NodeConnection): void {
    this.nodes.set(node.nodeId, node);
  }

  remove(node: NodeConnection): boolean {
    return this.nodes.get(node.nodeId) === node && this.nodes.delete(node.nodeId);
  }

  at(address: string, exceptNodeId: string): NodeConnection[] {
    return [...this.nodes.values()].filter((node) => node.address === address && node.nodeId !== exceptNodeId);
  }

  /** Largest first, as the existing server lists them. */
  models(): string[] {
    const sizes = new Map<string, number>();
    for (const { registration } of this.nodes.values())
      for (const [name, size] of registration.models) sizes.set(name, Math.max(size, sizes.get(name) ?? 0));
    return [...sizes].sort(([nameA, a], [nameB, b]) => b - a || (nameA < nameB ? -1 : 1)).map(([name]) => name);
  }

  /** What some node can do with a model; absent while nobody knows. */
  capabilities(model: string): ModelCapabilities {
    const all: ModelCapabilities = {};
    for (const node of this.nodes.values()) {
      if (!node.registration.models.has(model)) continue;
      const known = node.capabilities(model);
      for (const about of ['thinking', 'tool_calls'] as const)
        if (known[about] !== undefined) all[about] = all[about] === true || known[about];
    }
    return all;
  }
}
