import { expect, it } from 'vitest';
import { contextThatFits } from './context-that-fits.ts';

const GB = 2 ** 30;
/** Llama 3.1 8B: 128 KB of cache a token. */
const llama8b = {
  'general.architecture': 'llama',
  'llama.block_count': 32,
  'llama.attention.head_count': 32,
  'llama.attention.head_count_kv': 8,
  'llama.embedding_length': 4096,
};

it.each([
  ['four GB hold a quarter of its 131,072', llama8b, 4 * GB, 32_768],
  ['a bit less than four hold half of that', llama8b, 3.9 * GB, 16_384],
  ['a machine it does not fit gets the smallest, and the engine decides', llama8b, -5 * GB, 4096],
  [
    'the sizes of keys and values, where given',
    { ...llama8b, 'llama.attention.key_length': 256, 'llama.attention.value_length': 128 },
    6 * GB,
    32_768,
  ],
  ['no grouped heads: four times as much', { ...llama8b, 'llama.attention.head_count_kv': undefined }, 4 * GB, 8192],
  ['a sliding window cannot be told from outside', { ...llama8b, 'llama.attention.sliding_window': 512 }, GB, Infinity],
  ['a model that says nothing', { 'general.architecture': 'llama' }, GB, Infinity],
  [
    'a list of heads, one a layer, some of them without a cache',
    { ...llama8b, 'llama.attention.head_count_kv': Array.from({ length: 32 }, (_, layer) => (layer % 2 ? 8 : 0)) },
    4 * GB,
    65_536,
  ],
  ['memory of other machines', llama8b, Infinity, Infinity],
])('%s', (_what, info, freeBytes, tokens) => {
  expect(contextThatFits(info, freeBytes)).toBe(tokens);
});
