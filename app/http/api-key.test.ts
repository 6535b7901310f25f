import { describe, expect, it } from 'vitest';
import type { GridError } from '../protocol/errors.ts';
import { apiKeyGuard } from './api-key.ts';

function shown(authorization: string | undefined): string {
  let outcome = 'let in';
  try {
    void apiKeyGuard('the-right-key')({ headers: { authorization } } as never, {} as never, () => undefined);
  } catch (error) {
    outcome = (error as GridError).code;
  }
  return outcome;
}

describe('the API key', () => {
  it.each(['Bearer the-right-key', 'bearer the-right-key'])('lets in who shows it: %s', (header) => {
    expect(shown(header)).toBe('let in');
  });
  it.each([undefined, '', 'Bearer', 'Bearer wrong', 'the-right-key', 'Basic the-right-key', 'Bearer the-right-key2'])(
    'keeps out %s',
    (header) => {
      expect(shown(header)).toBe('key_required');
    },
  );
});
