import type { GridSnapshot } from './snapshot.ts';

/** What is pushed to a user interface without being asked. */
export interface Events {
  snapshot: GridSnapshot;
  prompt: PromptEvent;
}

export type PromptEvent =
  | { readonly promptId: string; readonly type: 'delta'; readonly text: string; readonly reasoning: boolean }
  | {
      readonly promptId: string;
      readonly type: 'done';
      readonly answeredBy: string;
      readonly model: string;
      readonly outputTokens: number;
      readonly tokensPerSecond: number | null;
      readonly firstTokenMs: number | null;
      /** credits spent; 0 on the own machine */
      readonly cost: number;
      readonly jobId: string | null;
      readonly own: boolean;
    }
  | {
      readonly promptId: string;
      readonly type: 'failed';
      readonly code: string;
      readonly message: string;
      readonly hint: string;
    };

export type EventName = keyof Events;

const eventNames: Record<EventName, true> = { snapshot: true, prompt: true };
export const EVENT_NAMES = Object.keys(eventNames) as readonly EventName[];
