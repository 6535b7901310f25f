import { hash } from 'node:crypto';
import type { ChatRequest } from '../protocol/chat.ts';
import { textOf } from '../protocol/chat.ts';
import type { Pubkey } from '../protocol/pubkey.ts';

/** A peer keeps the beginning of a conversation warm about as long as its engine keeps a model loaded. */
const WARM_MS = 30 * 60_000;
const MAX_CONVERSATIONS = 2_000;
const MAX_SPEEDS = 1_000;
/** Weight of the newest sample in the moving average. */
const EWMA_WEIGHT = 0.3;
/** Shorter prompts measure the way to the peer, not how fast it reads. */
const MIN_PREFILL_TOKENS = 200;

/** What a router remembers from request to request; lost with the process, and nothing is wrong then. */
export class RouterMemory {
  private readonly running = new Map<Pubkey, number>();
  private readonly conversations = new Map<string, { pubkey: Pubkey; atMs: number }>();
  private readonly speeds = new Map<string, number>();

  /** requests of this router that a peer works on now */
  inFlight(pubkey: Pubkey): number {
    return this.running.get(pubkey) ?? 0;
  }

  /** @returns to be called when it ended */
  begin(pubkey: Pubkey): () => void {
    this.running.set(pubkey, this.inFlight(pubkey) + 1);
    return () => {
      const left = this.inFlight(pubkey) - 1;
      if (left > 0) this.running.set(pubkey, left);
      else this.running.delete(pubkey);
    };
  }

  /** who answered the last turn of this conversation, while its beginning may still be warm there */
  warmPeer(conversation: string, nowMs: number): Pubkey | undefined {
    const warm = this.conversations.get(conversation);
    return warm && Math.abs(nowMs - warm.atMs) <= WARM_MS ? warm.pubkey : undefined;
  }

  answered(conversation: string, pubkey: Pubkey, nowMs: number): void {
    this.conversations.delete(conversation); // the newest goes to the end
    this.conversations.set(conversation, { pubkey, atMs: nowMs });
    forgetOldest(this.conversations, MAX_CONVERSATIONS);
  }

  /** tokens a second in which this peer reads a prompt with this model; undefined when never seen */
  prefillSpeed(pubkey: Pubkey, model: string): number | undefined {
    return this.speeds.get(`${pubkey} ${model}`);
  }

  prefilled(pubkey: Pubkey, model: string, inputTokens: number, tookMs: number): void {
    if (inputTokens < MIN_PREFILL_TOKENS || tookMs <= 0) return;
    const key = `${pubkey} ${model}`;
    const speed = (inputTokens / tookMs) * 1_000;
    const before = this.speeds.get(key);
    this.speeds.delete(key);
    this.speeds.set(key, before === undefined ? speed : before + EWMA_WEIGHT * (speed - before));
    forgetOldest(this.speeds, MAX_SPEEDS);
  }
}

function forgetOldest<Value>(map: Map<string, Value>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return;
    map.delete(key);
  }
}

/** Characters of the beginning that make a conversation; a hash of them is all that is kept. */
const HEAD_CHARACTERS = 2_000;

/**
 * What stays the same from turn to turn: the instructions and the first thing the user said.
 * @param session what the client itself calls the conversation, when it does
 */
export function conversationOf(chat: ChatRequest, session: string | undefined): string {
  if (session !== undefined) return hash('sha1', `session ${session}`);
  const firstUser = chat.messages.findIndex(({ role }) => role === 'user');
  const head = chat.messages.slice(0, firstUser + 1).map(({ role, content }) => {
    const text = textOf(content);
    return `${role} ${text.length} ${text.slice(0, HEAD_CHARACTERS)} ${text.slice(-HEAD_CHARACTERS)}`;
  });
  return hash('sha1', head.join('\n'));
}

/** Reading a prompt on a small machine without a GPU, in tokens a second. */
const SLOW_PREFILL = 25;
const FIRST_TOKEN_BASE_MS = 60_000;
const FIRST_TOKEN_MOST_MS = 20 * 60_000;
/** A measured speed varies with what else the machine does. */
const SLACK = 3;

/** How long the first token may take: for the place in the queue, loading the model, and reading the prompt. */
export function firstTokenLimitMs(inputTokens: number, tokensPerSecond: number | undefined): number {
  const readMs =
    (inputTokens / Math.max(1, tokensPerSecond === undefined ? SLOW_PREFILL : tokensPerSecond / SLACK)) * 1_000;
  return Math.min(FIRST_TOKEN_MOST_MS, FIRST_TOKEN_BASE_MS + readMs);
}
