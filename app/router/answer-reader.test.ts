import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GridError } from '../protocol/errors.ts';
import { encodeHeaderJson, RECEIPT_COMMENT } from '../protocol/headers.ts';
import { AnswerReader, type AnswerListener } from './answer-reader.ts';

const chunk = (delta: object, finish_reason: string | null = null) =>
  JSON.stringify({ id: 'c', choices: [{ index: 0, delta, finish_reason }] });
const event = (data: string) => `data: ${data}\n\n`;

function read(...data: string[]): AnswerReader {
  const reader = new AnswerReader();
  for (const one of data) reader.push(Buffer.from(event(one)));
  return reader;
}

/** @returns the error's code and its details */
function refused(...data: string[]): [string, unknown] {
  try {
    read(...data);
  } catch (error) {
    if (error instanceof GridError) return [error.code, error.details['refusal']];
  }
  throw new Error('was read');
}

describe('AnswerReader', () => {
  it('has not begun with a role, an empty delta or a usage chunk', () => {
    const reader = read(
      chunk({ role: 'assistant', content: '' }),
      chunk({}),
      JSON.stringify({ choices: [], usage: null }),
    );
    expect(reader.begun).toBe(false);
  });

  it.each([
    ['content', { content: 'ü' }, 2],
    ['reasoning', { reasoning_content: 'abc' }, 3],
    ['reasoning under its other name', { reasoning: 'abc' }, 3],
    ['a tool call', { tool_calls: [{ index: 0, id: 'c', function: { name: 'f', arguments: '{}' } }] }, 3],
  ])('has begun with %s, and counts its bytes', (_name, delta, bytes) => {
    const reader = read(chunk(delta));
    expect([reader.begun, reader.answerBytes]).toEqual([true, bytes]);
  });

  it('counts a tool call that comes in pieces once', () => {
    const reader = read(
      chunk({ tool_calls: [{ index: 0, id: 'c', function: { name: 'f', arguments: '' } }] }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: '{"a":' } }] }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: '1}' } }] }, 'tool_calls'),
    );
    expect([reader.toolCalls, reader.finishReason]).toEqual([1, 'tool_calls']);
  });

  it('an empty answer with a finish reason has begun: it is whole', () => {
    expect(read(chunk({}, 'stop')).begun).toBe(true);
  });

  it.each(['{broken', '7', '{"choices":"no"}', '{"choices":[{"delta":{"content":5}}]}'])('cannot read %s', (data) => {
    expect(refused(data)).toEqual(['peer_misbehaved', undefined]);
  });

  it('reads no broken chunk as text, however much it looks like the ones before', () => {
    const before = chunk({ content: 'text' });
    for (const broken of ['te"xt', 'te\\xt', 'te\txt', 'text\\', '","role":"x'])
      expect(refused(before, before.replace('text', broken).replace('"role":"x"', 'x'))[0]).toBe('peer_misbehaved');
  });

  it.each([
    ['{"error":{"type":"engine_error","message":"x"}}', 'engine_error'],
    ['{"error":{"type":"server_error","code":"engine_cut","message":"x"}}', 'engine_cut'],
    ['{"error":"text"}', 'unknown'],
  ])('tells the error in %s', (data, type) => {
    expect(refused(data)).toEqual(['peer_refused', type]);
  });

  it('a stream cut anywhere comes out as the same bytes, counts and texts, without comments, receipt and [DONE]', () => {
    const receipt = { receipt: 'as it came' };
    const texts = fc.array(
      fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\n', '"', '\\', 'ß', ' Hummer', '🦞', '\u2028')),
      { minLength: 1, maxLength: 20 },
    );
    fc.assert(
      fc.property(
        texts,
        fc.array(fc.nat(200), { maxLength: 40 }),
        fc.constantFrom('\n', '\r\n', '\r'),
        (said, cuts, lineEnd) => {
          const kept = said.map((content) => event(chunk({ content }))).join('') + event(chunk({}, 'stop'));
          const sent = Buffer.from(
            `:\n\n${kept}${RECEIPT_COMMENT}${encodeHeaderJson(receipt)}\n\n${event('[DONE]')}`.replaceAll(
              '\n',
              lineEnd,
            ),
          );
          const heard: Buffer[] = [];
          const listener: AnswerListener = {
            text: (latin1) => void heard.push(Buffer.from(latin1, 'latin1')),
            chunk: ({ choices }) => void heard.push(Buffer.from(choices[0]?.delta?.content ?? '')),
          };
          const reader = new AnswerReader(listener);
          const out: Buffer[] = [];
          let at = 0;
          for (const cut of [...cuts, sent.length]) {
            const piece = reader.push(sent.subarray(at, Math.min(sent.length, at + cut)));
            if (piece) out.push(piece);
            at = Math.min(sent.length, at + cut);
          }
          const text = Buffer.from(said.join(''));
          expect(Buffer.concat(out).toString()).toBe(kept);
          expect(Buffer.concat(heard)).toEqual(text);
          expect([reader.answerBytes, reader.done, reader.receipt]).toEqual([text.length, true, receipt]);
          expect(reader.deltas).toBe(said.filter((one) => one !== '').length);
        },
      ),
    );
  });

  it('keeps no event of more than 4 MB, and looks at what it keeps once', () => {
    const reader = new AnswerReader();
    const line = Buffer.alloc(64 * 1024, 'x');
    const fill = () => {
      for (let count = 0; count < 100; count += 1) reader.push(line);
    };
    expect(fill).toThrow('more than 4 MB');
  });
});
