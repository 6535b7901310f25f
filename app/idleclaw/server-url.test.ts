import { describe, expect, it } from 'vitest';
import { GridError } from '../protocol/errors.ts';
import { parseServerUrl, serverName } from './server-url.ts';

describe('the address of an IdleClaw server', () => {
  it.each([
    ['https://hub.example', 'https://hub.example'],
    [' http://127.0.0.1:8000/ ', 'http://127.0.0.1:8000'],
    ['HTTPS://Hub.Example/idle/', 'https://hub.example/idle'],
    ['http://[::1]:8000', 'http://[::1]:8000'],
  ])('%s is read as %s', (text, url) => expect(parseServerUrl(text)).toBe(url));

  it.each([
    undefined,
    '',
    'hub.example',
    'hub.example:8000',
    'ws://hub.example',
    'ftp://hub.example',
    'file:///etc/passwd',
    'http://',
    'http:///hub',
    'http://hub example',
    'http://me:secret@hub.example',
    'http://hub.example?x=1',
    'http://hub.example/#x',
    'http://hub.example:99999',
    'javascript:alert(1)',
  ])('%s is an error, and nothing else is used in its place', (text) => {
    const thrown = (() => {
      try {
        return parseServerUrl(text);
      } catch (error) {
        return error;
      }
    })();
    expect(thrown).toBeInstanceOf(GridError);
    expect((thrown as GridError).code).toBe('invalid_argument');
    expect((thrown as GridError).message).not.toContain('secret');
  });

  it('is named without its scheme', () => {
    expect(serverName('https://hub.example')).toBe('hub.example');
    expect(serverName('http://127.0.0.1:8000/idle')).toBe('127.0.0.1:8000/idle');
  });
});
