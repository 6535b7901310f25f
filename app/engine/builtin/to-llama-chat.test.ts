import { describe, expect, it } from 'vitest';
import { parseChatRequest } from '../../protocol/chat.ts';
import { toLlamaChat } from './to-llama-chat.ts';

const toChat = (body: object) =>
  toLlamaChat(
    {
      request: parseChatRequest({ model: 'm', messages: [{ role: 'user', content: 'hi' }], ...body }),
      maxOutputTokens: 9,
    },
    { temperature: 0.7, seed: 1, knowsTools: true },
  );

describe('a request for llama.cpp', () => {
  it('brings its penalties along, and none where none was asked for', () => {
    expect(toChat({ frequency_penalty: 0.5, presence_penalty: -1 })).toMatchObject({
      frequencyPenalty: 0.5,
      presencePenalty: -1,
    });
    expect(Object.keys(toChat({ frequency_penalty: 0, presence_penalty: null })).join()).not.toContain('Penalty');
  });

  it.each([
    ['logprobs', { logprobs: true }],
    ['logit_bias', { logit_bias: { 7: -100 } }],
  ])('with %s is refused by name: another engine may know it', (param, body) => {
    expect(() => toChat(body)).toThrow(
      expect.objectContaining({ code: 'engine_refused', details: { param } }) as Error,
    );
  });

  it('that asks for nothing of the kind is taken', () => {
    expect(() => toChat({ logprobs: false, logit_bias: {} })).not.toThrow();
    expect(() => toChat({ logprobs: null, logit_bias: null })).not.toThrow();
  });
});
