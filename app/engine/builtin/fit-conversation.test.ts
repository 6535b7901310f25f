import { describe, expect, it } from 'vitest';
import { fitConversation } from './fit-conversation.ts';
import type { LlamaTurn } from './llama-messages.ts';

const turn = (role: LlamaTurn['role'], text: string): LlamaTurn => ({ role, text });
/** A token a word. */
const count = (turns: readonly LlamaTurn[]) => turns.reduce((sum, { text }) => sum + text.split(' ').length, 0);
const textsOf = (turns: readonly LlamaTurn[]) => turns.map(({ text }) => text);

describe('fitConversation', () => {
  const talk = [turn('system', 's s s'), turn('user', 'a a a'), turn('assistant', 'b b'), turn('user', 'c c')];

  it('leaves alone what fits', () => {
    expect(fitConversation(talk, 10, count)).toBe(talk);
  });

  it('drops the system prompt first, then the oldest question with its answer', () => {
    expect(textsOf(fitConversation(talk, 7, count))).toEqual(['a a a', 'b b', 'c c']);
    expect(textsOf(fitConversation(talk, 6, count))).toEqual(['c c']);
  });

  it('keeps the last question whole, however long', () => {
    expect(textsOf(fitConversation(talk, 1, count))).toEqual(['c c']);
  });

  it('keeps the end of a conversation that is nothing but instructions', () => {
    expect(textsOf(fitConversation([turn('system', 'a a'), turn('system', 'b b')], 1, count))).toEqual(['b b']);
  });

  it('does not count what is far too long', () => {
    const counted: number[] = [];
    const spy = (turns: readonly LlamaTurn[]) => (counted.push(turns.length), count(turns));
    fitConversation([turn('system', 'x '.repeat(20_000)), turn('user', 'hi')], 100, spy);
    expect(counted).toEqual([1]);
  });
});
