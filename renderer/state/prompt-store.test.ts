import { describe, expect, it } from 'vitest';
import type { Bridge } from '../../app/contract/bridge.ts';
import type { PromptEvent } from '../../app/contract/events.ts';
import { createPromptStore, startPrompts } from './prompt-store.ts';

const delta = (promptId: string, text: string, reasoning = false): PromptEvent => ({
  promptId,
  type: 'delta',
  text,
  reasoning,
});

describe('prompts', () => {
  it('shows what came in one frame together, each run by itself, reasoning apart', () => {
    let tell: (event: PromptEvent) => void = () => undefined;
    const bridge = {
      on: (_name: string, listener: (event: PromptEvent) => void) => {
        tell = listener;
        return () => undefined;
      },
    } as unknown as Bridge;
    const frames: (() => void)[] = [];
    const store = createPromptStore();
    startPrompts(store, bridge, (draw) => frames.push(draw));

    for (const event of [delta('a', 'Hel'), delta('b', 'other'), delta('a', 'hm', true), delta('a', 'lo')]) tell(event);
    expect(store.getState().runs).toEqual({});
    expect(frames).toHaveLength(1);
    frames[0]?.();
    expect(store.getState().runs['a']).toEqual({ text: 'Hello', reasoning: 'hm', end: null });
    expect(store.getState().runs['b']?.text).toBe('other');

    tell({ promptId: 'a', type: 'failed', code: 'peer_lost', message: 'The peer was lost.', hint: 'Ask again.' });
    frames[1]?.();
    expect(store.getState().runs['a']).toMatchObject({ text: 'Hello', end: { code: 'peer_lost' } });
  });
});
