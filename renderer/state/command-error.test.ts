import { describe, expect, it } from 'vitest';
import { CommandError, parseHttpFailure, readFailure } from './command-error.ts';

describe('readFailure', () => {
  it('reads a CommandError and a plain object alike: bridges may strip the class', () => {
    const failure = { code: 'bad_request', message: 'No.', hint: 'Try.' };
    expect(readFailure(new CommandError(failure))).toEqual(failure);
    expect(readFailure(failure)).toEqual(failure);
  });

  it.each([undefined, null, 'text', new Error('private detail'), { code: 7, message: 'x' }])(
    'has a sentence for %s, and not the inner one',
    (thrown) => {
      expect(readFailure(thrown).message).toBe('Something went wrong in Lobstah itself.');
    },
  );
});

describe('parseHttpFailure', () => {
  it('reads the shape of a refused request', () => {
    expect(parseHttpFailure({ error: { type: 'not_found', message: 'No.', hint: 'There.' } })).toEqual({
      code: 'not_found',
      message: 'No.',
      hint: 'There.',
    });
  });

  it.each([null, 'x', {}, { error: 'x' }, { error: { message: 'without a type' } }])('refuses %j', (body) => {
    expect(parseHttpFailure(body)).toBeUndefined();
  });
});
