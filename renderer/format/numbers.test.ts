import { describe, expect, it } from 'vitest';
import { formatBytes, formatCompact, formatCount, formatMemory, formatNumberOf, formatSigned } from './numbers.ts';

describe('numbers', () => {
  it.each([
    [18_240, '18,240'],
    [0, '0'],
    [0.4251, '0.43'],
    [99.5, '99.5'],
    [1_204.6, '1,205'],
    [-206, '−206'],
  ])('counts %d', (value, text) => expect(formatCount(value)).toBe(text));

  it.each([
    [716, '+716'],
    [-206, '−206'],
    [0, '0'],
  ])('signs %d', (value, text) => expect(formatSigned(value)).toBe(text));

  it.each([
    [9_999, '9,999'],
    [31_402, '31k'],
    [999_499, '999k'],
    [999_500, '1.00 M'],
    [1_020_000, '1.02 M'],
    [12_700_000, '12.7 M'],
    [-84_200, '−84k'],
    [2_000_000_000, '2.00 G'],
  ])('shortens %d', (value, text) => expect(formatCompact(value)).toBe(text));

  it('tells sizes', () => {
    expect(formatBytes(4_900_000_000)).toBe('4.9 GB');
    expect(formatBytes(639_000_000)).toBe('639 MB');
    expect(formatMemory(16 * 2 ** 30)).toBe('16 GB');
    expect(formatNumberOf(1, 'entry', 'entries')).toBe('1 entry');
    expect(formatNumberOf(2_000, 'entry', 'entries')).toBe('2,000 entries');
  });
});
