import { createContext, useContext } from 'react';
import { useStore } from 'zustand';
import type { Bridge } from '../../app/contract/bridge.ts';
import type { GridSnapshot } from '../../app/contract/snapshot.ts';
import type { Connection, ConnectionStore } from './connection-store.ts';
import type { MirrorStore } from './mirror-store.ts';
import type { PromptRun, PromptStore } from './prompt-store.ts';
import type { Shell } from './shell.ts';

/** What every view may reach; made once in mount.tsx. */
export interface AppServices {
  readonly bridge: Bridge;
  readonly shell: Shell;
  readonly mirror: MirrorStore;
  readonly prompts: PromptStore;
  readonly connection: ConnectionStore;
}

export const AppContext = createContext<AppServices | null>(null);

export function useServices(): AppServices {
  const services = useContext(AppContext);
  if (!services) throw new Error('a view was drawn outside of AppContext');
  return services;
}

/** Part of the snapshot. Views are only drawn once there is one. */
export function useSnapshot<Part>(select: (snapshot: GridSnapshot) => Part): Part {
  return useStore(useServices().mirror, ({ snapshot }) => {
    if (!snapshot) throw new Error('a view was drawn before the first snapshot');
    return select(snapshot);
  });
}

export function useHasSnapshot(): boolean {
  return useStore(useServices().mirror, ({ snapshot }) => snapshot !== null);
}

export function useConnection(): Connection {
  return useStore(useServices().connection);
}

export function usePromptRun(promptId: string | null): PromptRun | undefined {
  return useStore(useServices().prompts, ({ runs }) => (promptId === null ? undefined : runs[promptId]));
}
