import { expect, it } from 'vitest';
import { parseOpenAiUrl } from './openai-url.ts';

it.each([
  ['127.0.0.1:1234', 'http://127.0.0.1:1234/v1', 'http://127.0.0.1:1234', true],
  ['http://localhost:8000/v1/', 'http://localhost:8000/v1', 'http://localhost:8000', true],
  [' http://studio.local:8080/v1/chat/completions ', 'http://studio.local:8080/v1', 'http://studio.local:8080', true],
  ['https://gpu.example.com/llm', 'https://gpu.example.com/llm/v1', 'https://gpu.example.com/llm', false],
  ['https://api.example.com/v4', 'https://api.example.com/v4', 'https://api.example.com', false],
  ['http://0.0.0.0:52415', 'http://127.0.0.1:52415/v1', 'http://127.0.0.1:52415', true],
  ['http://[fd7a::1]:1', 'http://[fd7a::1]:1/v1', 'http://[fd7a::1]:1', true],
  ['http://[2001:db8::1]:1', 'http://[2001:db8::1]:1/v1', 'http://[2001:db8::1]:1', false],
  ['100.101.2.3:8000', 'http://100.101.2.3:8000/v1', 'http://100.101.2.3:8000', true],
  ['100.128.2.3:8000', 'http://100.128.2.3:8000/v1', 'http://100.128.2.3:8000', false],
  ['172.32.0.1:8000', 'http://172.32.0.1:8000/v1', 'http://172.32.0.1:8000', false],
])('%s', (text, api, root, isNear) => {
  expect(parseOpenAiUrl(text)).toMatchObject({ api, root, isNear });
});

it.each(['', 'http://', 'ftp://x', 'http://x/?a=1', 'http://x/#k', 'a b', 'http://user:sk-1@x:1/v1'])(
  'refuses %j',
  (text) => {
    expect(() => parseOpenAiUrl(text)).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
  },
);

it('does not repeat a password that was put into an address', () => {
  expect(() => parseOpenAiUrl('http://me:sk-secret@x/v1')).toThrow(/^(?!.*sk-secret)/);
});
