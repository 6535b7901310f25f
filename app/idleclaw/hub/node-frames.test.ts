import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HUB_LIMITS } from './hub-limits.ts';
import { parseNodeFrame } from './node-frames.ts';
import { parseOffer, parseRegistration } from './registration.ts';

const TYPES = ['chunk', 'error', 'heartbeat', 'other', 'junk'];

describe('parseNodeFrame', () => {
  it('keeps of a chunk what may go on, and nothing else', () => {
    const message = { role: 'system', content: 'a', thinking: 'b', images: ['x'], secret: 1 };
    const frame = { type: 'inference_chunk', request_id: 'r', chunk: { message, done: false, total_duration: 7 } };
    expect(parseNodeFrame(JSON.stringify(frame))).toEqual({
      type: 'chunk',
      requestId: 'r',
      chunk: { content: 'a', thinking: 'b', toolCalls: [], done: false, doneReason: undefined },
    });
  });

  it('understands null where Ollama writes nothing, and a last chunk without a message', () => {
    const parse = (chunk: object) =>
      parseNodeFrame(JSON.stringify({ type: 'inference_chunk', request_id: 'r', chunk }));
    expect(parse({ message: { content: null, thinking: null, tool_calls: null } })).toMatchObject({ type: 'chunk' });
    expect(parse({ done: true, done_reason: 'length' })).toMatchObject({ chunk: { done: true, doneReason: 'length' } });
    expect(parse({ done: false })).toEqual({ type: 'junk', why: 'message is missing' });
  });

  it('takes an error it does not know for the general one', () => {
    const frame = { type: 'inference_error', request_id: 'r', error: '<b>' };
    expect(parseNodeFrame(JSON.stringify(frame))).toEqual({ type: 'error', requestId: 'r', error: 'ollama_error' });
  });

  it('never throws, whatever comes', () => {
    const typed = fc.record({
      type: fc.constantFrom('inference_chunk', 'inference_error', 'heartbeat', 'register', 'x'),
      request_id: fc.jsonValue(),
      node_id: fc.jsonValue(),
      chunk: fc.oneof(fc.jsonValue(), fc.record({ message: fc.jsonValue(), done: fc.jsonValue() })),
      models: fc.jsonValue(),
    });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          typed.map((frame) => JSON.stringify(frame)),
        ),
        (text) => {
          const frame = parseNodeFrame(text);
          expect(TYPES).toContain(frame.type);
          if (frame.type === 'other') parseRegistration(frame.frame, HUB_LIMITS);
          parseOffer(text);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
