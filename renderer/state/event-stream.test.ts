import { describe, expect, it } from 'vitest';
import { createEventParser } from './event-stream.ts';

const STREAM =
  ': hello\n\nevent: snapshot\ndata: {"revision":1}\n\nevent: prompt\r\ndata: {"a":\r\ndata: 1}\r\n\r\nid: 7\n\ndata: bare\n\n';
const EVENTS = [
  { event: 'snapshot', data: '{"revision":1}' },
  { event: 'prompt', data: '{"a":\n1}' },
  { event: 'message', data: 'bare' },
];

describe('createEventParser', () => {
  it('reads events, joins data lines and skips comments and events without data', () => {
    expect(createEventParser()(STREAM)).toEqual(EVENTS);
  });

  it('finds the same events wherever the chunks were cut', () => {
    for (let size = 1; size <= 9; size += 1) {
      const parse = createEventParser();
      const chunks = STREAM.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
      expect(chunks.flatMap((chunk) => parse(chunk))).toEqual(EVENTS);
    }
  });

  it('gives nothing for an event that is not whole', () => {
    expect(createEventParser()('event: snapshot\ndata: {"revision":1}\n')).toEqual([]);
  });
});
