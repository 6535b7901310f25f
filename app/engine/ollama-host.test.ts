import { describe, expect, it } from 'vitest';
import { parseOllamaHost } from './ollama-host.ts';

describe('parseOllamaHost', () => {
  it.each([
    [undefined, 'http://127.0.0.1:11434'],
    ['', 'http://127.0.0.1:11434'],
    ['  ', 'http://127.0.0.1:11434'],
    ['localhost', 'http://localhost:11434'],
    ['192.168.1.7', 'http://192.168.1.7:11434'],
    ['192.168.1.7:8080', 'http://192.168.1.7:8080'],
    [':8080', 'http://127.0.0.1:8080'],
    ['0.0.0.0', 'http://127.0.0.1:11434'],
    ['0.0.0.0:9', 'http://127.0.0.1:9'],
    ['http://0.0.0.0:11434', 'http://127.0.0.1:11434'],
    ['http://example.test:11434/', 'http://example.test:11434'],
    ['http://example.test', 'http://example.test'],
    ['https://example.test', 'https://example.test'],
    ['HTTPS://example.test:444/ollama/', 'https://example.test:444/ollama'],
    ['"127.0.0.1:1"', 'http://127.0.0.1:1'],
    ['[::1]:11434', 'http://[::1]:11434'],
    ['::1', 'http://[::1]:11434'],
    ['[::]:11434', 'http://[::1]:11434'],
  ])('reads %o as %s', (value, url) => {
    expect(parseOllamaHost(value)).toBe(url);
  });

  it.each([
    'ftp://x',
    'http://',
    'a b',
    'host:port',
    'host:99999',
    'http://user:secret@host',
    'host:1:2',
    'http://h?q=1',
    '://x',
    '/socket',
  ])('refuses %o instead of guessing', (value) => {
    expect(() => parseOllamaHost(value)).toThrow(
      expect.objectContaining({ code: 'invalid_argument', message: expect.stringContaining('OLLAMA_HOST') }),
    );
  });
});
