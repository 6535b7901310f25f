import { GridError } from '../../protocol/errors.ts';
import type { SharingRules } from '../../sharing/rules.ts';
import { tomorrowMorning } from '../../sharing/schedule.ts';
import type { Settings } from '../settings.ts';
import type { CommandDeps, Handlers } from './command-deps.ts';

type GuestCommand =
  | 'setSharing'
  | 'pauseSharing'
  | 'pauseSharingUntil'
  | 'resumeSharing'
  | 'drainSharing'
  | 'setOffline'
  | 'changeSharingRules';

/**
 * The switch, the pauses and the rules. Each is written first, so that it survives a restart; then the guest looks, and what runs
 * for others ends where it has to. The owner's own requests go on.
 */
export function guestCommands(deps: CommandDeps): Handlers<GuestCommand> {
  async function change(members: (sharing: Settings['sharing']) => Partial<Settings['sharing']>): Promise<null> {
    deps.settings.change((settings) => ({
      ...settings,
      sharing: { ...settings.sharing, ...members(settings.sharing) },
    }));
    await deps.guest.reconsider();
    deps.contributing?.sync();
    deps.news.touch();
    return null;
  }
  const pause = (pausedUntil: Settings['sharing']['pausedUntil']) => change(() => ({ pausedUntil, drain: false }));

  return {
    setSharing: ({ on }) => change(() => ({ on, pausedUntil: null, drain: false })),
    pauseSharing: ({ minutes }) => pause(minutes === null ? 'open' : deps.nowMs() + minutes * 60_000),
    async pauseSharingUntil({ until }) {
      if (until === 'morning') return pause(tomorrowMorning(deps.nowMs()));
      const { chargePercent } = await deps.guest.look();
      if (chargePercent === undefined)
        throw new GridError('invalid_argument', 'No battery is seen here, so there is nothing to wait for.');
      return pause('charged');
    },
    resumeSharing: () => pause(null),
    drainSharing: () => change(() => ({ drain: true, pausedUntil: null })),
    setOffline: ({ offline }) => change(() => ({ offline })),
    changeSharingRules: (patch) =>
      change(({ rules }) => {
        const given = Object.entries(patch).filter(([, value]) => value !== undefined);
        return { rules: { ...rules, ...(Object.fromEntries(given) as Partial<SharingRules>) } as typeof rules };
      }),
  };
}
