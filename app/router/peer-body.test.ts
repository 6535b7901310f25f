import { expect, it } from 'vitest';
import { parseChatRequest } from '../protocol/chat.ts';
import { wholeBody, type ClientRequest } from './peer-body.ts';

function requestOf(body: object): ClientRequest {
  const json = { model: 'm', stream: true, messages: [{ role: 'user', content: 'hi' }], ...body };
  const bytes = Buffer.from(JSON.stringify(json, undefined, 1));
  return { chat: parseChatRequest(json), json, bytes, requestId: 'r', conversation: 'c', inputTokens: 1 };
}

it('passes a request on in the bytes it came in', () => {
  const request = requestOf({ seed: 1, unheard_of: true });
  expect(wholeBody(request, 'm')).toBe(request.bytes);
});

it('tells a peer nothing of who the user is, nor what only the service of OpenAI has a use for', () => {
  const request = requestOf({ seed: 1, user: 'me@example.com', metadata: { project: 'secret' }, store: true });
  const sent: unknown = JSON.parse(wholeBody(request, 'm').toString());
  expect(sent).toEqual({ model: 'm', stream: true, messages: [{ role: 'user', content: 'hi' }], seed: 1 });
});

it('always asks for a stream, by the name the peer has for the model', () => {
  const sent: unknown = JSON.parse(wholeBody(requestOf({ stream: false }), 'm:latest').toString());
  expect(sent).toMatchObject({ model: 'm:latest', stream: true });
});
