import type { MenuItemConstructorOptions } from 'electron';
import { describe, expect, it } from 'vitest';
import type { SharingView } from '../../app/contract/snapshot.ts';
import { trayMenu, type Run } from './tray-menu.ts';

const OFF: SharingView = {
  on: false,
  state: 'off',
  phase: 'off',
  reasons: [],
  offline: false,
  sentence: 'Off. Only you can use this Mac.',
  pausedUntilMs: null,
};
const READY: SharingView = { ...OFF, on: true, state: 'ready', phase: 'ready', sentence: 'Ready.' };
const PAUSED: SharingView = {
  ...READY,
  state: 'paused',
  phase: 'paused',
  sentence: 'Paused until 14:10.',
  pausedUntilMs: 1,
};
const WAITING: SharingView = { ...PAUSED, phase: 'waiting', sentence: 'Waiting.', pausedUntilMs: null };
const DRAINING: SharingView = {
  ...READY,
  state: 'serving',
  phase: 'draining',
  reasons: [{ code: 'draining', sentence: 'Stopping.' }],
};

function menu(sharing: SharingView, routerUrl: string | null = 'http://127.0.0.1:17475/v1') {
  const asked: unknown[] = [];
  const run: Run = (name, args) => void asked.push([name, args]);
  const items = trayMenu({ sharing, routerUrl }, run);
  const click = (label: string) => {
    const item = items.find((each) => each.label === label);
    (item?.click as (() => void) | undefined)?.();
    return asked.at(-1);
  };
  return { items, labels: items.flatMap(({ label }) => label ?? []), click };
}

const item = (items: readonly MenuItemConstructorOptions[], label: string) =>
  items.find((each) => each.label === label);

describe('the menu of a right click', () => {
  it('says first what is happening, as a line that cannot be chosen', () => {
    const [first] = menu(READY).items;
    expect(first).toEqual({ label: 'Ready.', enabled: false });
  });

  it('shortens a long sentence between two words', () => {
    const [first] = menu({ ...READY, sentence: 'one and another word '.repeat(10) }).items;
    expect(first?.label?.length).toBeLessThanOrEqual(74);
    expect(first?.label).toMatch(/(one|and|another|word) …$/);
  });

  it('the switch shows and changes the wish, not the state', () => {
    expect(item(menu(OFF).items, 'Share idle compute')?.checked).toBe(false);
    expect(item(menu(PAUSED).items, 'Share idle compute')?.checked).toBe(true);
    expect(menu(OFF).click('Share idle compute')).toEqual(['setSharing', { on: true }]);
    expect(menu(PAUSED).click('Share idle compute')).toEqual(['setSharing', { on: false }]);
  });

  it('offers a pause while sharing, its end while paused, neither while off', () => {
    expect(menu(READY).click('Pause for 1 hour')).toEqual(['pauseSharing', { minutes: 60 }]);
    expect(menu(READY).labels).not.toContain('Resume sharing');
    expect(menu(PAUSED).click('Resume sharing')).toEqual(['resumeSharing', {}]);
    expect(menu(PAUSED).labels).not.toContain('Pause for 1 hour');
    expect(menu(OFF).labels).not.toContain('Pause for 1 hour');
  });

  it('while the machine waits by itself there is nothing to resume, but something to pause', () => {
    expect(menu(WAITING).labels).not.toContain('Resume sharing');
    expect(menu(WAITING).click('Pause until tomorrow 8:00')).toEqual(['pauseSharingUntil', { until: 'morning' }]);
    expect(menu(WAITING).click('Pause until charged')).toEqual(['pauseSharingUntil', { until: 'charged' }]);
  });

  it('finishes and stops, and takes that back', () => {
    expect(menu(READY).click('Finish, then stop')).toEqual(['drainSharing', {}]);
    expect(menu(DRAINING).click('Resume sharing')).toEqual(['resumeSharing', {}]);
    expect(menu(DRAINING).labels).not.toContain('Finish, then stop');
  });

  it('goes offline and back, sharing or not', () => {
    expect(menu(OFF).click('Offline')).toEqual(['setOffline', { offline: true }]);
    expect(menu({ ...PAUSED, offline: true }).click('Offline')).toEqual(['setOffline', { offline: false }]);
    expect(menu({ ...PAUSED, offline: true }).labels).not.toContain('Resume sharing');
  });

  it('copies an address only when there is one', () => {
    expect(menu(OFF).click('Copy router address')).toEqual(['copyRouterAddress', {}]);
    expect(menu(OFF, null).labels).not.toContain('Copy router address');
  });

  it('leads to dashboard, settings and the end', () => {
    const { click } = menu(OFF);
    expect(click('Dashboard')).toEqual(['showWindow', { window: 'dashboard' }]);
    expect(click('Settings…')).toEqual(['showWindow', { window: 'dashboard', page: 'settings' }]);
    expect(click('Quit Lobstah')).toEqual(['quit', {}]);
  });
});
