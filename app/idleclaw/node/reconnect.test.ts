import { describe, expect, it } from 'vitest';
import { reconnectDelayMs, type ConnectionEnd } from './reconnect.ts';

const end = (kind: ConnectionEnd['kind'], retryAfterMs?: number): ConnectionEnd => ({
  kind,
  reason: '',
  retryAfterMs,
  lastedMs: 0,
});

describe('the wait before a node comes back', () => {
  it('is never over 10 s in the first ten minutes, so that a restarted hub has its nodes within 15 s', () => {
    let sum = 0;
    for (let failures = 1; failures <= 60; failures += 1) {
      const longest = reconnectDelayMs(end('unreachable'), failures, 0.999);
      expect(longest).toBeLessThanOrEqual(10_000);
      sum += reconnectDelayMs(end('unreachable'), failures, 0.5);
    }
    expect(sum).toBeGreaterThan(400_000);
    expect(reconnectDelayMs(end('unreachable'), 61, 0.999)).toBeGreaterThan(50_000);
  });

  it('differs from node to node', () => {
    expect(reconnectDelayMs(end('lost'), 5, 0)).toBeLessThan(reconnectDelayMs(end('lost'), 5, 0.9) / 1.8);
  });

  it('is what the hub asked for, and then some', () => {
    expect(reconnectDelayMs(end('rate-limited', 42_000), 1, 0)).toBe(42_000);
    expect(reconnectDelayMs(end('rate-limited', 42_000), 1, 0.5)).toBe(47_000);
    expect(reconnectDelayMs(end('rate-limited'), 9, 0)).toBe(30_000);
  });

  it('is long where trying again changes nothing', () => {
    expect(reconnectDelayMs(end('refused'), 1, 0)).toBe(30_000);
    expect(reconnectDelayMs(end('refused'), 50, 1)).toBe(600_000);
  });
});
