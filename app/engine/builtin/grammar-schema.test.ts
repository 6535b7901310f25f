import { describe, expect, it } from 'vitest';
import { toGrammarSchema } from './grammar-schema.ts';

const closed = { additionalProperties: false };

describe('a schema for a grammar', () => {
  it.each<[string, unknown, object]>([
    ['a plain type', { type: 'integer', minimum: 3 }, { type: 'integer' }],
    ['several plain types', { type: ['string', 'null'] }, { type: ['string', 'null'] }],
    [
      'members',
      { type: 'object', properties: { a: { type: 'string', description: 'd' } }, required: ['a'], ...closed },
      { type: 'object', properties: { a: { type: 'string', description: 'd' } }, ...closed },
    ],
    ['an object of anything', { type: 'object' }, { type: 'object', properties: {}, additionalProperties: true }],
    [
      'a map',
      { type: 'object', additionalProperties: { type: 'number' } },
      { type: 'object', properties: {}, additionalProperties: { type: 'number' } },
    ],
    [
      'no type, but members',
      { properties: { a: { const: 1 } } },
      { type: 'object', properties: { a: { const: 1 } }, ...closed },
    ],
    ['anyOf', { anyOf: [{ type: 'null' }, { enum: ['a'] }] }, { oneOf: [{ type: 'null' }, { enum: ['a'] }] }],
    ['allOf of one', { allOf: [{ type: 'string' }] }, { type: 'string' }],
    [
      'counts',
      { type: 'array', items: { type: 'boolean' }, minItems: 2, maxItems: 3 },
      { type: 'array', items: { type: 'boolean' }, minItems: 2, maxItems: 3 },
    ],
    ['lengths', { type: 'string', maxLength: 3, format: 'email' }, { type: 'string', maxLength: 3 }],
    ['a date', { type: 'string', format: 'date' }, { type: 'string', format: 'date' }],
    [
      'an optional object',
      { type: ['object', 'null'], properties: {} },
      { oneOf: [{ type: 'object', properties: {}, additionalProperties: true }, { type: 'null' }] },
    ],
    [
      'definitions by either name',
      { type: 'array', items: { $ref: '#/definitions/x' }, definitions: { x: { type: 'string' } } },
      { type: 'array', items: { $ref: '#/$defs/x' }, $defs: { x: { type: 'string' } } },
    ],
  ])('%s', (_what, schema, expected) => {
    expect(toGrammarSchema(schema)).toEqual(expected);
  });

  it('one that says nothing lets anything through, not only null', () => {
    expect(toGrammarSchema({})).toMatchObject({
      oneOf: expect.arrayContaining([{ type: 'string' }, { type: 'array' }]),
    });
  });

  it.each<[string, unknown]>([
    ['not', { not: { type: 'string' } }],
    ['allOf of two', { allOf: [{}, {}] }],
    ['a reference to elsewhere', { $ref: 'https://example.com/schema' }],
    ['a constant that is an object', { const: {} }],
    ['an unknown type', { type: 'date' }],
    ['a list', []],
    ['nested without end', JSON.parse('{"items":'.repeat(100) + '{}' + '}'.repeat(100))],
  ])('is refused with its reason: %s', (_what, schema) => {
    expect(() => toGrammarSchema(schema)).toThrow(expect.objectContaining({ code: 'engine_refused' }));
  });
});
