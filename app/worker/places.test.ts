import { describe, expect, it } from 'vitest';
import { Places } from './places.ts';

const never = new AbortController().signal;

function create(concurrency: number, maxQueue: number) {
  const places = new Places(() => ({ concurrency, maxQueue }));
  const order: string[] = [];
  const enter = (key: string, owner = false, signal = never) =>
    places.enter(key, owner, signal).then((leave) => {
      order.push(key);
      return leave;
    });
  return { places, order, enter };
}

/** Lets everything run that is ready to. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('Places', () => {
  it('lets in as many as there are places, then as many wait as may, then refuses', async () => {
    const { places, enter } = create(2, 1);
    await Promise.all([enter('a'), enter('b')]);
    void enter('c');
    await expect(enter('d')).rejects.toMatchObject({ code: 'queue_full' });
    expect([places.runningCount, places.waitingCount]).toEqual([2, 1]);
  });

  it('stored jobs are patient: they wait beyond the queue, and keep no chat out of it', async () => {
    const { places, enter } = create(1, 1);
    const leave = await enter('a');
    const patient = places.enter('jobs', false, never, true);
    const alsoPatient = places.enter('jobs', false, never, true);
    const chat = enter('b');
    expect(places.waitingCount).toBe(3);
    await expect(enter('c')).rejects.toMatchObject({ code: 'queue_full' });
    leave();
    (await patient)();
    (await chat)();
    await alsoPatient;
  });

  it('keys take turns, whoever came first', async () => {
    const { order, enter } = create(1, 9);
    const leaveFirst = await enter('a');
    for (const key of ['a', 'a', 'b', 'a', 'c']) void enter(key).then((leave) => setImmediate(leave));
    leaveFirst();
    while (order.length < 6) await settle();
    expect(order).toEqual(['a', 'b', 'c', 'a', 'a', 'a']);
  });

  it('the owner does not wait', async () => {
    const { places, enter } = create(1, 0);
    await enter('a');
    await enter('me', true);
    expect(places.runningCount).toBe(2);
  });

  it('who gives up while waiting is taken out of the queue', async () => {
    const { places, enter } = create(1, 1);
    const leave = await enter('a');
    const controller = new AbortController();
    const waiting = enter('b', false, controller.signal);
    controller.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    expect(places.waitingCount).toBe(0);
    leave();
    leave();
    expect(places.runningCount).toBe(0);
  });
});
