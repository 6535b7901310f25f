import { describe, expect, it } from 'vitest';
import { AnswerMeter, isPeerError } from './answer-meter.ts';

const chunk = (delta: object, finish_reason: string | null = null) =>
  JSON.stringify({ choices: [{ index: 0, delta, finish_reason }] });

function metered(...data: string[]): AnswerMeter {
  const meter = new AnswerMeter();
  for (const one of data) meter.read(one);
  return meter;
}

describe('AnswerMeter', () => {
  it('has not begun with a role, an empty delta or a usage chunk', () => {
    const meter = metered(
      chunk({ role: 'assistant', content: '' }),
      chunk({}),
      JSON.stringify({ choices: [], usage: null }),
    );
    expect(meter.begun).toBe(false);
  });

  it.each([
    ['content', { content: 'ü' }, 2],
    ['reasoning', { reasoning_content: 'abc' }, 3],
    ['reasoning under its other name', { reasoning: 'abc' }, 3],
    ['a tool call', { tool_calls: [{ index: 0, id: 'c', function: { name: 'f', arguments: '{}' } }] }, 3],
  ])('has begun with %s, and counts its bytes', (_name, delta, bytes) => {
    const meter = metered(chunk(delta));
    expect([meter.begun, meter.answerBytes]).toEqual([true, bytes]);
  });

  it('counts a tool call that comes in pieces once', () => {
    const meter = metered(
      chunk({ tool_calls: [{ index: 0, id: 'c', function: { name: 'f', arguments: '' } }] }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: '{"a":' } }] }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: '1}' } }] }, 'tool_calls'),
    );
    expect([meter.toolCalls, meter.finishReason]).toEqual([1, 'tool_calls']);
  });

  it('an empty answer with a finish reason has begun: it is whole', () => {
    expect(metered(chunk({}, 'stop')).begun).toBe(true);
  });

  it.each(['{broken', '7', '{"choices":"no"}', '{"choices":[{"delta":{"content":5}}]}'])('cannot read %s', (data) => {
    expect(new AnswerMeter().read(data)).toBeUndefined();
  });

  it.each([
    ['{"error":{"type":"engine_error","message":"x"}}', 'engine_error'],
    ['{"error":{"type":"server_error","code":"engine_cut","message":"x"}}', 'engine_cut'],
    ['{"error":"text"}', 'unknown'],
  ])('tells the error in %s', (data, type) => {
    const read = new AnswerMeter().read(data);
    expect(read && isPeerError(read) && read.type).toBe(type);
  });
});
