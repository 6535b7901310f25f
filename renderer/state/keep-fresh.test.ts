import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Bridge } from '../../app/contract/bridge.ts';
import { keepFresh } from './keep-fresh.ts';
import { createMirrorStore } from './mirror-store.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('asks while the page is seen, and not at all while it is hidden', () => {
  const page = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  const see = (visibilityState: string) => {
    page.visibilityState = visibilityState;
    page.dispatchEvent(new Event('visibilitychange'));
  };
  const snapshot = vi.fn(() => Promise.reject(new Error('nobody answers')));
  keepFresh(createMirrorStore(), { snapshot } as unknown as Bridge, page as unknown as Document);
  vi.advanceTimersByTime(30_000);
  expect(snapshot).toHaveBeenCalledTimes(2);
  see('hidden');
  vi.advanceTimersByTime(300_000);
  expect(snapshot).toHaveBeenCalledTimes(2);
  expect(vi.getTimerCount()).toBe(0);
  see('visible');
  expect(snapshot).toHaveBeenCalledTimes(3);
});
