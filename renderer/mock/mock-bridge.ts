import type { Bridge } from '../../app/contract/bridge.ts';
import { mockCommands } from './mock-commands.ts';
import type { MockGrid } from './mock-grid.ts';

/** The contract without anything behind it: answers at once, from what the mock grid holds. */
export function createMockBridge(grid: MockGrid): Bridge {
  const commands = mockCommands(grid);
  return {
    shell: 'browser',
    snapshot: () => Promise.resolve(structuredClone(grid.snapshot())),
    async command(name, args) {
      await Promise.resolve();
      return structuredClone(commands[name](args));
    },
    on(name, listener) {
      const listeners = grid.listeners[name] as Set<typeof listener>;
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
