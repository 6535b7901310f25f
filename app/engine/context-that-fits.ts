import { SMALLEST_CONTEXT } from './context-size.ts';

/** Keys and values, 16 bit each, as llama.cpp keeps them unless told otherwise. */
const BYTES_PER_ELEMENT = 2;

/**
 * How many tokens of context this machine can hold beside the weights: the cache has, for each token and layer, a key and a value
 * for each head that has one (`block_count`, `attention.head_count_kv`, `attention.key_length` of the GGUF). A power of two, so
 * that it is one of the sizes asked for; never under 4096, because a model that does not fit at all is for the engine to refuse.
 * @returns Infinity when the model does not say, or keeps a sliding window, whose cache is far smaller than this
 */
export function contextThatFits(modelInfo: Readonly<Record<string, unknown>>, freeBytes: number): number {
  const prefix = String(modelInfo['general.architecture']);
  const number = (key: string) => {
    const value = modelInfo[`${prefix}.${key}`];
    return typeof value === 'number' && value > 0 ? value : undefined;
  };
  const layers = number('block_count');
  const heads = number('attention.head_count');
  const perLayer = modelInfo[`${prefix}.attention.head_count_kv`];
  const cacheHeads = Array.isArray(perLayer)
    ? perLayer.reduce<number>((sum, count) => sum + Number(count), 0)
    : (layers ?? 0) * (number('attention.head_count_kv') ?? heads ?? 0);
  const width = number('embedding_length');
  const headSize = number('attention.key_length') ?? (width && heads && width / heads);
  if (!cacheHeads || !headSize || number('attention.sliding_window') !== undefined) return Infinity;
  const valueSize = number('attention.value_length') ?? headSize;
  const bytesPerToken = cacheHeads * (headSize + valueSize) * BYTES_PER_ELEMENT;
  const tokens = Math.max(0, freeBytes) / bytesPerToken;
  if (tokens === Infinity) return Infinity;
  return Math.max(SMALLEST_CONTEXT, 2 ** Math.floor(Math.log2(Math.max(1, tokens))));
}
