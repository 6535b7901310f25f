import type { MenuItemConstructorOptions } from 'electron';
import type { CommandArgs, CommandName } from '../../app/contract/commands.ts';
import type { GridSnapshot } from '../../app/contract/snapshot.ts';

/** Menus do not wrap. */
const LONGEST_LINE = 72;

export type Run = <Name extends CommandName>(name: Name, args: CommandArgs<Name>) => void;

/** The menu of a right click. What cannot be done now is absent. */
export function trayMenu(
  { sharing, routerUrl }: Pick<GridSnapshot, 'sharing' | 'routerUrl'>,
  run: Run,
): MenuItemConstructorOptions[] {
  const pauses: MenuItemConstructorOptions[] = [
    { label: 'Pause for 1 hour', click: () => run('pauseSharing', { minutes: 60 }) },
    { label: 'Pause until tomorrow 8:00', click: () => run('pauseSharingUntil', { until: 'morning' }) },
    { label: 'Pause until charged', click: () => run('pauseSharingUntil', { until: 'charged' }) },
    { label: 'Finish, then stop', click: () => run('drainSharing', {}) },
  ];
  const resume: MenuItemConstructorOptions = { label: 'Resume sharing', click: () => run('resumeSharing', {}) };
  /** A pause by the machine itself is nothing to resume from; offline has a switch of its own. */
  const isStoppedByHand = (sharing.phase === 'paused' && !sharing.offline) || isDraining(sharing);
  return [
    { label: shorten(sharing.sentence), enabled: false },
    { type: 'separator' },
    {
      label: 'Share idle compute',
      type: 'checkbox',
      checked: sharing.on,
      click: () => run('setSharing', { on: !sharing.on }),
    },
    ...(!sharing.on ? [] : isStoppedByHand ? [resume] : pauses),
    {
      label: 'Offline',
      type: 'checkbox',
      checked: sharing.offline,
      click: () => run('setOffline', { offline: !sharing.offline }),
    },
    { type: 'separator' },
    { label: 'Dashboard', click: () => run('showWindow', { window: 'dashboard' }) },
    ...(routerUrl === null ? [] : [{ label: 'Copy router address', click: () => run('copyRouterAddress', {}) }]),
    { label: 'Settings…', click: () => run('showWindow', { window: 'dashboard', page: 'settings' }) },
    { type: 'separator' },
    { label: 'Quit Lobstah', click: () => run('quit', {}) },
  ];
}

function isDraining({ reasons }: GridSnapshot['sharing']): boolean {
  return reasons.some(({ code }) => code === 'draining');
}

function shorten(sentence: string): string {
  if (sentence.length <= LONGEST_LINE) return sentence;
  return `${sentence.slice(0, sentence.lastIndexOf(' ', LONGEST_LINE))} …`;
}
