import { expect, it } from 'vitest';
import { createRandomHex } from './random-hex.ts';

it('never gives the same bytes twice, whatever the sizes, also larger than what it keeps', () => {
  const randomHex = createRandomHex();
  const sizes = [16, 1, 32, 20_000, 12, 16];
  const all = Array.from({ length: 3_000 }, (_, index) => randomHex(sizes[index % 3] ?? 16));
  expect(all.map((hex) => hex.length / 2)).toEqual(all.map((_, index) => sizes[index % 3]));
  const long = all.filter((hex) => hex.length > 2);
  expect(new Set(long).size).toBe(long.length);
  expect(randomHex(20_000)).toMatch(/^[0-9a-f]{40000}$/);
  expect(all.join('')).not.toMatch(/0{24}/);
});
