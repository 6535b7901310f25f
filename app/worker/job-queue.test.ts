import { describe, expect, it } from 'vitest';
import { JOB_LIMITS, JobQueue, type WaitingJob } from './job-queue.ts';

const job = (id: string, key: string, notBeforeMs = 0): WaitingJob => ({
  id,
  key,
  asker: { kind: 'unsigned', claimed: 'anonymous' },
  model: 'm',
  tokens: { inputTokens: 1, outputTokens: 1 },
  reservation: { maxOutputTokens: 1, circle: undefined, release: () => undefined },
  notBeforeMs,
  running: undefined,
  held: false,
});

function fill(...jobs: WaitingJob[]): JobQueue {
  const queue = new JobQueue();
  for (const each of jobs) queue.add(each);
  return queue;
}

/** Begins and ends one job after the other, and says which. */
function drain(queue: JobQueue, nowMs = 0): string[] {
  const order: string[] = [];
  for (let next = queue.next(nowMs, () => true); next; next = queue.next(nowMs, () => true)) {
    order.push(next.id);
    queue.remove(next.id);
  }
  return order;
}

describe('the queue of stored jobs', () => {
  it('lets requesters take turns, whoever has more jobs', () => {
    expect(drain(fill(job('a1', 'a'), job('a2', 'a'), job('a3', 'a'), job('b1', 'b')))).toEqual([
      'a1',
      'b1',
      'a2',
      'a3',
    ]);
  });

  it('prefers who has none running', () => {
    const queue = fill(job('a1', 'a'), job('a2', 'a'), job('b1', 'b'));
    queue.get('a1')!.running = new AbortController();
    expect(queue.next(0, () => true)?.id).toBe('b1');
    expect(queue.runningCount).toBe(1);
  });

  it('passes over who may not run now, who is held, and whose time has not come', () => {
    const queue = fill(job('later', 'a', 10), { ...job('held', 'b'), held: true }, job('paused', 'c'));
    const mayRun = ({ id }: WaitingJob) => id !== 'paused';
    expect(queue.next(9, mayRun)).toBeUndefined();
    expect(queue.next(10, mayRun)?.id).toBe('later');
  });

  it('is full for one requester before it is full for all', () => {
    const queue = new JobQueue();
    for (let each = 0; each < JOB_LIMITS.perRequester; each += 1) queue.add(job(`a${each}`, 'a'));
    expect([queue.isFull('a'), queue.isFull('b')]).toEqual([true, false]);
    for (let each = queue.all().length; each < JOB_LIMITS.inAll; each += 1) queue.add(job(`${each}`, `k${each}`));
    expect(queue.isFull('b')).toBe(true);
  });
});
