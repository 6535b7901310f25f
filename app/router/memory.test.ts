import { describe, expect, it } from 'vitest';
import type { Pubkey } from '../protocol/pubkey.ts';
import { conversationOf, firstTokenLimitMs, RouterMemory } from './memory.ts';

const A = 'a' as Pubkey;
const turn = (...contents: string[]) => ({
  model: 'm',
  messages: contents.map((content, index) => ({
    role: (['system', 'user', 'assistant'] as const)[Math.min(index, 1 + (index % 2 === 0 ? 1 : 0))] ?? 'user',
    content,
  })),
});

describe('what a router remembers', () => {
  it('a conversation by its beginning: later turns are the same one, another first question is not', () => {
    const first = conversationOf(turn('be kind', 'hello'), undefined);
    expect(conversationOf(turn('be kind', 'hello', 'hi!', 'and now?'), undefined)).toBe(first);
    expect(conversationOf(turn('be kind', 'hello there'), undefined)).not.toBe(first);
    expect(conversationOf(turn('be rude', 'hello'), undefined)).not.toBe(first);
  });

  it('a conversation by the name the client gives it', () => {
    expect(conversationOf(turn('a', 'b'), 's1')).toBe(conversationOf(turn('c', 'd'), 's1'));
    expect(conversationOf(turn('a', 'b'), 's1')).not.toBe(conversationOf(turn('a', 'b'), 's2'));
  });

  it('forgets who is warm after half an hour, and the oldest of too many', () => {
    const memory = new RouterMemory();
    memory.answered('c', A, 0);
    expect([memory.warmPeer('c', 30 * 60_000), memory.warmPeer('c', 30 * 60_000 + 1)]).toEqual([A, undefined]);
    for (let count = 0; count < 2_000; count += 1) memory.answered(`other ${count}`, A, 0);
    expect(memory.warmPeer('c', 0)).toBeUndefined();
  });

  it('counts what runs at a peer, down to nothing', () => {
    const memory = new RouterMemory();
    const ends = [memory.begin(A), memory.begin(A)];
    expect(memory.inFlight(A)).toBe(2);
    for (const end of ends) end();
    expect(memory.inFlight(A)).toBe(0);
  });

  it('learns how fast a peer reads from prompts that are long enough to tell', () => {
    const memory = new RouterMemory();
    memory.prefilled(A, 'm', 50, 10);
    expect(memory.prefillSpeed(A, 'm')).toBeUndefined();
    memory.prefilled(A, 'm', 1_000, 1_000);
    memory.prefilled(A, 'm', 1_000, 500);
    expect(memory.prefillSpeed(A, 'm')).toBeCloseTo(1_300);
  });

  it('waits longer for longer prompts and slower peers, never for ever', () => {
    expect(firstTokenLimitMs(100, undefined)).toBe(64_000);
    expect(firstTokenLimitMs(10_000, undefined)).toBe(460_000);
    expect(firstTokenLimitMs(10_000, 1_000)).toBe(90_000);
    expect(firstTokenLimitMs(10_000_000, undefined)).toBe(20 * 60_000);
  });
});
