import { GridError } from '../../protocol/errors.ts';
import type { Settings } from '../settings.ts';
import type { CommandDeps, Handlers } from './command-deps.ts';
import { runDoctor } from '../doctor.ts';

type SharingCommand =
  | 'setModelShared'
  | 'stopJob'
  | 'startDownload'
  | 'stopDownload'
  | 'finishOnboarding'
  | 'changeSettings'
  | 'runDoctor'
  | 'quit';

/** The ticked models, running requests, downloads, and the settings around them. */
export function sharingCommands(deps: CommandDeps): Handlers<SharingCommand> {
  const change = (next: (settings: Settings) => Settings): null => {
    deps.settings.change(next);
    deps.contributing?.sync();
    deps.finding.look();
    deps.news.touch();
    return null;
  };
  const changeSharing = (members: Partial<Settings['sharing']>): null =>
    change((settings) => ({ ...settings, sharing: { ...settings.sharing, ...members } }));

  return {
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
