import { GridError } from '../../protocol/errors.ts';
import type { Settings } from '../settings.ts';
import type { CommandDeps, Handlers } from './command-deps.ts';
import { runDoctor } from '../doctor.ts';

type SharingCommand =
  | 'setSharing'
  | 'pauseSharing'
  | 'resumeSharing'
  | 'setModelShared'
  | 'stopJob'
  | 'startDownload'
  | 'stopDownload'
  | 'finishOnboarding'
  | 'changeSettings'
  | 'runDoctor'
  | 'quit';

/** The switch, the pauses, the ticked models, and the settings around them. */
export function sharingCommands(deps: CommandDeps): Handlers<SharingCommand> {
  const change = (next: (settings: Settings) => Settings): null => {
    deps.settings.change(next);
    deps.contributing?.sync();
    deps.news.touch();
    return null;
  };
  const changeSharing = (members: Partial<Settings['sharing']>): null =>
    change((settings) => ({ ...settings, sharing: { ...settings.sharing, ...members } }));

  return {
    setSharing({ on }) {
      changeSharing({ on, pausedUntil: null });
      if (!on) stopServing(deps);
      return null;
    },
    pauseSharing({ minutes }) {
      changeSharing({ pausedUntil: minutes === null ? 'open' : deps.nowMs() + minutes * 60_000 });
      stopServing(deps);
      return null;
    },
    resumeSharing: () => changeSharing({ pausedUntil: null }),
    async setModelShared({ model, shared }) {
      const { models } = await deps.engineWatch.look();
      if (!models.some(({ name }) => name === model))
        throw new GridError('invalid_argument', `The engine has no model '${model}'.`);
      const others = deps.settings.current().sharing.unsharedModels.filter((name) => name !== model);
      return changeSharing({ unsharedModels: shared ? others : [...others, model] });
    },
    stopJob: ({ jobId }) => ({ stopped: deps.jobs.stop(jobId) }),
    startDownload() {
      deps.download.start();
      return null;
    },
    stopDownload() {
      deps.download.stop();
      return null;
    },
    finishOnboarding: () => change((settings) => ({ ...settings, onboardingDone: true })),
    changeSettings({ giftTokensPerDay, concurrency, startAtLogin }) {
      if (startAtLogin !== undefined) {
        const login = deps.shell?.startAtLogin;
        if (!login)
          throw new GridError('invalid_argument', 'Starting at login is something only the app on a Mac can do.');
        login.set(startAtLogin);
      }
      return change((settings) => ({
        ...settings,
        worker: {
          ...settings.worker,
          ...(giftTokensPerDay === undefined ? {} : { giftTokensPerDay }),
          ...(concurrency === undefined ? {} : { concurrency }),
        },
      }));
    },
    async runDoctor() {
      return { checks: await runDoctor({ home: deps.home, env: deps.config.env, grid: deps }) };
    },
    quit() {
      deps.quit();
      return null;
    },
  };
}

/** The gate is closed for new requests already; what runs for others ends now. The owner's own requests go on. */
function stopServing(deps: CommandDeps): void {
  for (const job of deps.jobs.list())
    if (job.direction === 'serving' && job.otherPubkey !== deps.signer.pubkey) job.stop();
}
