import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { caffeinate } from './caffeinate.ts';

it('runs once while it is wanted, bound to this process, and is ended with the wish', () => {
  const started: string[] = [];
  let killed = 0;
  const set = caffeinate((file, args) => {
    started.push([file, ...args].join(' '));
    return Object.assign(new EventEmitter(), { kill: () => (killed += 1) > 0 }) as never;
  });
  set(true);
  set(true);
  expect(started).toEqual([`caffeinate -i -w ${process.pid}`]);
  set(false);
  set(false);
  expect(killed).toBe(1);
});
