import { createStore } from 'zustand/vanilla';
import type { Bridge } from '../../app/contract/bridge.ts';
import type { PromptEvent } from '../../app/contract/events.ts';

export interface PromptRun {
  readonly text: string;
  readonly reasoning: string;
  /** null while the answer still comes */
  readonly end: Extract<PromptEvent, { type: 'done' | 'failed' }> | null;
}

export interface Prompts {
  readonly runs: Readonly<Record<string, PromptRun>>;
}

export type PromptStore = ReturnType<typeof createPromptStore>;

const NOTHING_YET: PromptRun = { text: '', reasoning: '', end: null };

export function createPromptStore() {
  return createStore<Prompts>(() => ({ runs: {} }));
}

function applyEvent(run: PromptRun, event: PromptEvent): PromptRun {
  if (event.type !== 'delta') return { ...run, end: event };
  return event.reasoning ? { ...run, reasoning: run.reasoning + event.text } : { ...run, text: run.text + event.text };
}

/** Folds events into their runs. A run may begin before the command that started it has answered. */
export function applyPromptEvents(store: PromptStore, events: readonly PromptEvent[]): void {
  const runs = { ...store.getState().runs };
  for (const event of events) runs[event.promptId] = applyEvent(runs[event.promptId] ?? NOTHING_YET, event);
  store.setState({ runs });
}

/** Listens to answers. They are shown once per frame: a fast model sends more tokens than a screen has frames. */
export function startPrompts(store: PromptStore, bridge: Bridge, onNextFrame: (draw: () => void) => void): () => void {
  let waiting: PromptEvent[] = [];
  return bridge.on('prompt', (event) => {
    if (waiting.push(event) > 1) return;
    onNextFrame(() => {
      const events = waiting;
      waiting = [];
      applyPromptEvents(store, events);
    });
  });
}
