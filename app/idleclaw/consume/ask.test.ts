import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GridError } from '../../protocol/errors.ts';
import type { SseDelta } from '../frames.ts';
import { readStatus } from '../status.ts';
import { startFakeIdleClaw, type FakeIdleClaw } from '../testing/fake-idleclaw.ts';
import { askIdleClaw } from './ask.ts';

let hub: FakeIdleClaw;
beforeAll(async () => void (hub = await startFakeIdleClaw()));
afterAll(() => hub.close());
beforeEach(() => {
  hub.script.rawAnswer = undefined;
  hub.script.chatStatus = undefined;
});

const BODY = { model: 'm', messages: [{ role: 'user' as const, content: 'hello' }] };

async function ask(server = hub.url, body = BODY): Promise<{ deltas: SseDelta[]; error: GridError | undefined }> {
  const deltas: SseDelta[] = [];
  try {
    for await (const delta of askIdleClaw(server, body, {}, AbortSignal.timeout(10_000))) deltas.push(delta);
    return { deltas, error: undefined };
  } catch (thrown) {
    if (thrown instanceof GridError) return { deltas, error: thrown };
    throw thrown;
  }
}

/** As the existing server writes: CRLF, a comment now and then. */
function sse(...deltas: object[]): string {
  const events = deltas.map((delta) => {
    const chunk = { id: 'chatcmpl-1', object: 'chat.completion.chunk', model: 'm', choices: [{ delta, index: 0 }] };
    return `data: ${JSON.stringify(chunk)}\r\n\r\n: ping\r\n\r\n`;
  });
  return events.join('');
}
const DONE = 'data: [DONE]\r\n\r\n';

describe('the answer of an IdleClaw server', () => {
  it('is text, thinking and tools, out of CRLF and comments', async () => {
    const sent = [
      { content: 'hm', reasoning: true },
      { tool_call: { name: 'web_search', status: 'running' } },
      { content: 'Hé' },
      { content: 'llo' },
    ];
    hub.script.rawAnswer = sse(...sent) + DONE;
    expect(await ask()).toEqual({ deltas: sent, error: undefined });
  });

  it('is an error when its last words are one', async () => {
    hub.script.rawAnswer = sse({ content: 'Hel' }, { content: '\n\n[Error: Node timed out]' }) + DONE;
    const { deltas, error } = await ask();
    expect(deltas).toEqual([{ content: 'Hel' }]);
    expect(error?.code).toBe('idleclaw_failed');
    expect(error?.message).toBe(`${new URL(hub.url).host} says: Node timed out.`);
  });

  it('is text when a model writes these words in the middle, or in its thinking', async () => {
    const sent = [
      { content: '\n\n[Error: x]' },
      { content: ' is how it looks' },
      { content: '[Error: y]', reasoning: true },
    ];
    hub.script.rawAnswer = sse(...sent) + DONE;
    expect(await ask()).toEqual({ deltas: sent, error: undefined });
  });

  it('is not whole without [DONE]', async () => {
    hub.script.rawAnswer = sse({ content: 'Hel' });
    expect((await ask()).error?.message).toContain('broke off');
  });

  it('is refused when it is something else', async () => {
    hub.script.rawAnswer = 'data: {"choices": 7}\r\n\r\n';
    expect((await ask()).error?.code).toBe('idleclaw_failed');
  });

  it('names the model nobody has', async () => {
    expect((await ask()).error?.message).toContain("No available nodes for model 'm'");
  });
});

describe('a server that refuses', () => {
  it('with 429 is to be left alone for as long as it says', async () => {
    hub.script.chatStatus = { status: 429, body: { detail: 'Too many requests' }, headers: { 'retry-after': '42' } };
    const { error } = await ask();
    expect(error?.code).toBe('idleclaw_busy');
    expect(error?.message).toContain('in 42 seconds');
    expect(error?.details).toEqual({ retryAfterSeconds: 42 });
    hub.script.chatStatus = { status: 429, body: {}, headers: { 'retry-after': '600' } };
    expect((await ask()).error?.message).toContain('in 10 minutes');
  });

  it('with 422 says what it does not take', async () => {
    hub.script.chatStatus = { status: 422, body: { detail: [{ msg: 'String should match pattern' }] } };
    const { error } = await ask();
    expect(error?.code).toBe('idleclaw_unfit');
    expect(error?.message).toContain('String should match pattern');
  });

  it('with a status nobody knows is named', async () => {
    hub.script.chatStatus = { status: 503, body: '<html>' };
    expect((await ask()).error?.message).toContain('status 503');
  });

  it('hears nothing of what it would not take', async () => {
    const before = hub.chats.length;
    expect((await ask(hub.url, { ...BODY, model: 'm; rm -rf /' })).error?.code).toBe('idleclaw_unfit');
    expect(hub.chats).toHaveLength(before);
  });

  it('is not there', async () => {
    const gone = await startFakeIdleClaw();
    await gone.close();
    expect((await ask(gone.url)).error?.code).toBe('idleclaw_unreachable');
    await expect(readStatus(gone.url)).rejects.toMatchObject({ code: 'idleclaw_unreachable' });
  });
});

it('the status of a server is its health and its models', async () => {
  expect(await readStatus(hub.url)).toMatchObject({ server: hub.url, healthy: true, nodes: 0, models: [] });
});
