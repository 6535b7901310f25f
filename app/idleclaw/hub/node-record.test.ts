import { describe, expect, it } from 'vitest';
import { afterAnswer, afterFailure, NodeRecords } from './node-record.ts';

describe('reputation', () => {
  it('stays between 0 and 1, and one failure costs more than one answer brings', () => {
    let reputation = 0.5;
    for (let index = 0; index < 100; index += 1) reputation = afterAnswer(reputation);
    expect(reputation).toBeGreaterThan(0.99);
    expect(reputation).toBeLessThanOrEqual(1);
    expect(afterAnswer(afterFailure(reputation))).toBeLessThan(reputation);
    for (let index = 0; index < 100; index += 1) reputation = afterFailure(reputation);
    expect(reputation).toBeGreaterThanOrEqual(0);
  });

  it('stays with a node_id while it is away', () => {
    const records = new NodeRecords();
    records.of('a').reputation = 0.1;
    records.of('b');
    expect(records.of('a').reputation).toBe(0.1);
  });

  it('of those that were away longest is forgotten first', () => {
    const records = new NodeRecords();
    records.of('a').reputation = 0.1;
    records.of('b').reputation = 0.1;
    records.of('a');
    for (let index = 0; index < 9_999; index += 1) records.of(`n${index}`);
    expect([records.of('a').reputation, records.of('b').reputation]).toEqual([0.1, 0.5]);
  });
});
