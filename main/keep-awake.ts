import type { PowerSaveBlocker } from 'electron';

/** Keeps the machine, not the display, from falling asleep; one assertion at most, and none when it is off. */
export function keepAwake(blocker: Pick<PowerSaveBlocker, 'start' | 'stop'>): (on: boolean) => void {
  let held: number | undefined;
  return (on) => {
    if (on && held === undefined) held = blocker.start('prevent-app-suspension');
    else if (!on && held !== undefined) {
      blocker.stop(held);
      held = undefined;
    }
  };
}
