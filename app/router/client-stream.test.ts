import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AnswerReader } from './answer-reader.ts';
import { ClientStream } from './client-stream.ts';
import type { PeerStream } from './peer-stream.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const chunk = (id: string, delta: object) =>
  `data: ${JSON.stringify({ id, model: `model of ${id}`, choices: [{ index: 0, delta, finish_reason: null }] })}\n\n`;

/** The response of a client that reads as fast as it is written to. */
function heard() {
  const headers: Record<string, string> = {};
  let text = '';
  const response = {
    setHeader: (name: string, value: string) => (headers[name] = value),
    write: (bytes: string | Buffer) => {
      text += bytes.toString();
      return true;
    },
    writableNeedDrain: false,
  };
  const client = new ClientStream(response as never, new AbortController().signal, {
    as: { id: 'chatcmpl-own', model: 'asked' },
    ms: 5_000,
  });
  const ask = (...pieces: string[]) => {
    const reader = new AnswerReader();
    const stream = { reader } as PeerStream;
    client.tryPeer(stream);
    return (piece: string) => {
      const passed = reader.push(Buffer.from(piece));
      if (passed) void client.take(passed, stream, () => ({ 'x-lobstah-worker': 'somebody' }));
      return pieces;
    };
  };
  return { client, headers, ask, text: () => text, events: () => text.split('\n\n').filter((one) => one !== '') };
}

describe('a streaming client', () => {
  it('sees nothing of a peer that had not begun when another took over', () => {
    const { client, ask, text, headers } = heard();
    ask()(chunk('first', { role: 'assistant', content: '' }));
    expect([text(), client.begun]).toEqual(['', false]);
    const second = ask();
    second(chunk('second', { role: 'assistant', content: '' }));
    second(chunk('second', { content: 'Hello' }));
    expect(text()).toBe(chunk('second', { role: 'assistant', content: '' }) + chunk('second', { content: 'Hello' }));
    expect(headers['x-lobstah-worker']).toBe('somebody');
    client.close();
  });

  it('is told every five seconds that somebody is at work, until the answer begins', () => {
    const { client, ask, events, headers } = heard();
    const peer = ask();
    vi.advanceTimersByTime(4_999);
    expect(events()).toEqual([]);
    vi.advanceTimersByTime(5_001);
    expect(events().map((event) => JSON.parse(event.slice(6)).choices[0].delta)).toEqual([
      { content: '' },
      { content: '' },
    ]);
    expect(headers['content-type']).toContain('text/event-stream');
    peer(chunk('peer', { content: 'Hello' }));
    vi.advanceTimersByTime(60_000);
    // Too late for headers: who answers is said in a comment, and then nothing more than the answer.
    expect(events()[2]).toBe(': x-lobstah-worker: somebody');
    expect(events()).toHaveLength(4);
    client.close();
  });

  it('gets one id and one model, also from a peer that took over after heartbeats', () => {
    const { client, ask, events } = heard();
    ask()(chunk('first', { role: 'assistant', content: '' }));
    vi.advanceTimersByTime(5_000);
    const second = ask();
    for (const content of ['Hello', ' "quoted"', ' ünd', ' plain', ' more']) second(chunk('second', { content }));
    const data = events().filter((event) => !event.startsWith(':'));
    const chunks = data.map((event) => JSON.parse(event.slice(6)));
    expect(new Set(chunks.map(({ id, model }) => `${id} ${model}`))).toEqual(new Set(['chatcmpl-own asked']));
    expect(chunks.map(({ choices }) => choices[0].delta.content).join('')).toBe('Hello "quoted" ünd plain more');
    client.close();
  });
});
