import type { LlamaTurn } from './llama-messages.ts';

/**
 * What the sample model gets of a conversation. It is a demonstration that was trained on talks of up to 188 tokens: given an
 * agent's 40,000-character system prompt it would fail, and given half of that it would babble. So the system prompt goes first,
 * then the oldest turns, until the rest fits into `comfortTokens` or only the last question is left. Real models get everything
 * or an error.
 */
export function fitConversation(
  turns: readonly LlamaTurn[],
  comfortTokens: number,
  countTokens: (turns: readonly LlamaTurn[]) => number,
): readonly LlamaTurn[] {
  if (fits(turns, comfortTokens, countTokens)) return turns;
  let rest = turns.filter((turn) => turn.role !== 'system');
  if (rest.length === 0) return turns.slice(-1);
  while (!fits(rest, comfortTokens, countTokens)) {
    const nextQuestion = rest.findIndex((turn, index) => index > 0 && turn.role === 'user');
    if (nextQuestion < 0) return rest;
    rest = rest.slice(nextQuestion);
  }
  return rest;
}

/** Four characters a token and more is never that wrong: saves counting a novel token by token. */
const SURELY_TOO_LONG_CHARACTERS_PER_TOKEN = 16;

function fits(
  turns: readonly LlamaTurn[],
  limit: number,
  countTokens: (turns: readonly LlamaTurn[]) => number,
): boolean {
  const characters = turns.reduce((sum, turn) => sum + turn.text.length, 0);
  return characters <= limit * SURELY_TOO_LONG_CHARACTERS_PER_TOKEN && countTokens(turns) <= limit;
}
