import { describe, expect, it } from 'vitest';
import { HUB_LIMITS } from './hub-limits.ts';
import { freshness, whatIsReported } from './node-connection.ts';

describe('what a heartbeat says, beyond what the hub knows itself', () => {
  it.each([
    ['idle', { active_requests: 0, available: 2 }, 0, { foreign: 0, available: 1 }],
    ['busy with ours only', { active_requests: 1, available: 1 }, 1, { foreign: 0, available: 1 }],
    [
      'full, all of it ours: it is free again when ours end',
      { active_requests: 2, available: 0 },
      2,
      { foreign: 0, available: 1 },
    ],
    ['busy for another hub', { active_requests: 1, available: 1 }, 0, { foreign: 1, available: 1 }],
    ['a place gone for other reasons', { active_requests: 0, available: 1 }, 0, { foreign: 0, available: 0.5 }],
    ['paused', { active_requests: 0, available: 0 }, 0, { foreign: 0, available: 0 }],
    ['yes', { active_requests: 0, available: true }, 0, { foreign: 0, available: 1 }],
    ['no', { active_requests: 0, available: false }, 0, { foreign: 0, available: 0 }],
    ['no, because of what we asked', { active_requests: 2, available: false }, 2, { foreign: 0, available: 1 }],
    ['more than it has', { active_requests: 0, available: 99 }, 0, { foreign: 0, available: 1 }],
    ['less than nothing', { active_requests: 0, available: -3 }, 0, { foreign: 0, available: 0 }],
  ])('%s', (_name, frame, own, expected) => {
    expect(whatIsReported(frame, own, 2)).toEqual(expected);
  });
});

describe('freshness', () => {
  it.each([
    [0, 1],
    [15_000, 1],
    [30_000, 0.5],
    [45_000, 0],
    [90_000, 0],
  ])('after %i ms is %d', (ageMs, expected) => {
    expect(freshness(ageMs, HUB_LIMITS)).toBe(expected);
  });
});
