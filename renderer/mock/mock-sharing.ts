import type { CommandArgs } from '../../app/contract/commands.ts';
import type { SharingReasonView, SharingRulesView, SharingView } from '../../app/contract/snapshot.ts';
import { CommandError } from '../state/command-error.ts';
import type { MockGrid } from './mock-grid.ts';
import type { SceneName } from './scene.ts';

export const MOCK_RULES: SharingRulesView = {
  idleMinutes: 3,
  lockedIsIdle: true,
  displayOffIsIdle: true,
  onBattery: false,
  minChargePercent: 50,
  inLowPowerMode: false,
  thermalLimit: 'fair',
  otherCpuPercent: 75,
  memoryInUsePercent: 50,
  memoryIdlePercent: 90,
  whileDisplayHeld: false,
  exclusiveApps: [],
  onMetered: false,
  schedule: '',
  quietSeconds: 30,
  ownerQuietSeconds: 20,
  whenBack: 'abort',
  finishSeconds: 60,
  keepAliveSeconds: null,
  chargedPercent: 80,
  tokensPerDay: 0,
  tokensPerModelPerDay: 0,
};

type Sight = Pick<SharingView, 'state' | 'phase' | 'sentence'> & { readonly reasons?: readonly SharingReasonView[] };

const view = (sight: Sight, members: Partial<SharingView> = {}): SharingView => ({
  on: sight.phase !== 'off',
  pausedUntilMs: null,
  offline: false,
  ...sight,
  reasons: sight.reasons ?? [],
  ...members,
});

const because = (code: string, sentence: string) => [{ code, sentence }];
const OFF_SENTENCE = 'Off. Nobody can use this Mac; your own prompts work as always.';
const OFF: Sight = {
  state: 'off',
  phase: 'off',
  sentence: OFF_SENTENCE,
  reasons: because('switched-off', OFF_SENTENCE),
};
const READY: Sight = {
  state: 'ready',
  phase: 'ready',
  sentence: 'Ready. Two models are shared, and nobody is asking right now.',
};
const PAUSED_SENTENCE = 'Paused by you. New requests are refused until then.';
const paused = (code: string, sentence = PAUSED_SENTENCE): Sight => ({
  state: 'paused',
  phase: 'paused',
  sentence,
  reasons: because(code, sentence),
});
const BATTERY_SENTENCE = 'On battery. Sharing goes on with the power adapter.';
const IN_USE_SENTENCE = 'You are using this machine. Sharing goes on when it has been idle for 3 minutes.';

/** What each scene says about sharing. */
export const MOCK_SHARING: Record<SceneName, SharingView> = {
  busy: view({ state: 'serving', phase: 'serving', sentence: 'Serving one request. Two models are shared.' }),
  ready: view(READY),
  off: view(OFF),
  paused: view(paused('paused-until'), { pausedUntilMs: 0 }),
  waiting: view({
    state: 'paused',
    phase: 'waiting',
    sentence: `Waiting. ${IN_USE_SENTENCE}`,
    reasons: [...because('in-use', IN_USE_SENTENCE), ...because('on-battery', BATTERY_SENTENCE)],
  }),
  trouble: view({
    state: 'trouble',
    phase: 'ready',
    sentence: 'On, but nothing can be served: Ollama does not answer.',
  }),
  empty: view(OFF),
  'first-run': view(OFF),
};

type MockSharing = {
  [
    Name in
      | 'setSharing'
      | 'pauseSharing'
      | 'pauseSharingUntil'
      | 'resumeSharing'
      | 'drainSharing'
      | 'setOffline'
      | 'changeSharingRules'
  ]: (args: CommandArgs<Name>) => null;
};

export function mockSharingCommands(grid: MockGrid): MockSharing {
  const show = (sight: Sight, members: Partial<SharingView> = {}) =>
    grid.change(({ sharing }) => ({ sharing: view(sight, { offline: sharing.offline, ...members }) }));
  return {
    setSharing: ({ on }) => show(on ? READY : OFF),
    pauseSharing: ({ minutes }) =>
      show(paused('paused-until'), { pausedUntilMs: minutes === null ? null : Date.now() + minutes * 60_000 }),
    pauseSharingUntil: ({ until }) =>
      until === 'charged'
        ? show(paused('paused-until-charged', 'Paused by you until the battery is at 80 %.'))
        : show(paused('paused-until'), { pausedUntilMs: new Date().setHours(32, 0, 0, 0) }),
    resumeSharing: () => show(READY),
    drainSharing: () => {
      const isBusy = grid.snapshot().jobs.some(({ direction }) => direction === 'serving');
      const stopping = 'Stopping: what runs is finished, nothing new is taken.';
      return isBusy
        ? show({
            state: 'serving',
            phase: 'draining',
            sentence: `Finishing one request. ${stopping}`,
            reasons: because('draining', stopping),
          })
        : show(paused('drained', 'Stopped by you after the last request. Resume to share again.'));
    },
    setOffline: ({ offline }) =>
      offline
        ? show(
            paused(
              'offline',
              'Offline. Nothing goes out of this machine and nobody gets in, until you go online again.',
            ),
            {
              offline,
            },
          )
        : show(READY, { offline }),
    changeSharingRules: (patch) => {
      if (patch.schedule !== undefined && !/^$|\d-\d/.test(patch.schedule))
        throw new CommandError({
          code: 'invalid_argument',
          message: "'schedule': not hours like 'mon-fri 22:00-07:00, sat-sun 00:00-24:00'.",
          hint: 'Name days and hours.',
        });
      return grid.change(({ sharingRules }) => ({ sharingRules: { ...sharingRules, ...(patch as object) } }));
    },
  };
}
