import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { GridError } from '../protocol/errors.ts';
import { AnswerReader } from './answer-reader.ts';
import { exchange } from './exchange.ts';
import { PHASE_LIMITS } from './router-deps.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('where there is no way out at all, ends at once and leaves no timer behind', async () => {
  const offline = new GridError('peer_unreachable', 'Lobstah is offline.');
  const dispatcher = {
    dispatch: () => {
      throw offline;
    },
  };
  const stream = {
    candidate: { takesOrders: true, known: { peer: { url: 'http://127.0.0.1:9' } } },
    order: undefined,
    maxOutputTokens: 10,
    reader: new AnswerReader(),
  };
  const sent = { body: Buffer.from('{}'), requestId: 'request-1', firstTokenMs: 60_000, onFirst: () => undefined };
  const deps = { limits: PHASE_LIMITS, dispatcher, signer: { pubkey: 'lob1' } };
  const asked = exchange(stream as never, sent, deps as never, new AbortController().signal, () => undefined);
  await expect(asked).rejects.toBe(offline);
  expect(vi.getTimerCount()).toBe(0);
});
