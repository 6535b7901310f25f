import { chat, type StreamAnswer } from './test-grid.ts';

export interface Turn extends StreamAnswer {
  /** until the first content came, or the end of an answer without any */
  readonly firstMs: number;
  /** what was read of the prompt, and what was kept from before */
  readonly read: number;
  readonly kept: number;
}

interface Message {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** A conversation as an agent has it: everything said so far is sent again with every turn. */
export function createConversation(api: string, model: string, instructions: string) {
  const messages: Message[] = [{ role: 'system', content: instructions }];
  return {
    async say(content: string): Promise<Turn> {
      messages.push({ role: 'user', content });
      const turn = await timedChat(api, { model, messages, temperature: 0, max_tokens: 8 });
      messages.push({ role: 'assistant', content: turn.content });
      return turn;
    },
  };
}

/** Reads as it comes, so that the first content is seen when it is there. */
async function timedChat(api: string, body: object): Promise<Turn> {
  const startedMs = performance.now();
  let firstMs = Infinity;
  const answer = await chat(api, body, {}, (text) => {
    if (firstMs === Infinity && /"content":"[^"]|"finish_reason":"/.test(text)) firstMs = performance.now() - startedMs;
  });
  const usage = /"prompt_tokens":(\d+).*"cached_tokens":(\d+)/.exec(answer.text);
  const [promptTokens, kept] = [Number(usage?.[1]), Number(usage?.[2])];
  return { ...answer, firstMs, kept, read: promptTokens - kept };
}

/** Instructions of about so many tokens that repeat nothing word by word. */
export function longInstructions(sentences: number): string {
  const parts = Array.from(
    { length: sentences },
    (_, index) => `Ship ${index * 7} left the harbour at ${index % 24} with ${index * 3} barrels.`,
  );
  return parts.join('\n');
}

export const timesSooner = (first: Turn, second: Turn): number => first.firstMs / second.firstMs;
