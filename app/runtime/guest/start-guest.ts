import type { Logger } from 'pino';
import type { Engine } from '../../engine/engine.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Pubkey } from '../../protocol/pubkey.ts';
import type { SharingWish } from '../../sharing/decide.ts';
import { systemSources } from '../../sharing/signals/system-sources.ts';
import type { GridConfig, GridOverrides } from '../grid-config.ts';
import type { LiveJobTable } from '../live-job-table.ts';
import type { SettingsFile } from '../settings.ts';
import { watchFile } from '../watch-file.ts';
import { caffeinate } from './caffeinate.ts';
import { createGuest, type Guest } from './guest.ts';
import { effectiveRules } from './rules-schema.ts';
import { createServedToday } from './served-today.ts';

/** The guest of one grid: what the owner wrote down, what this system shows, and what the books say. */
export function startGuest(deps: {
  readonly config: GridConfig;
  readonly overrides: GridOverrides;
  readonly settings: SettingsFile;
  readonly engine: Engine;
  readonly ledger: Ledger;
  readonly jobs: LiveJobTable;
  readonly ownPubkey: Pubkey;
  readonly givenElsewhere: (day: string) => { inputTokens: number; outputTokens: number } | undefined;
  readonly onChange: () => void;
  /** told at the start, and when it changes */
  readonly onOffline: (offline: boolean) => void;
  readonly log: Logger;
  readonly nowMs: () => number;
}): Guest {
  const { config, overrides, settings } = deps;
  let offline: boolean | undefined;

  function wish(): SharingWish {
    const { sharing } = settings.current();
    if (sharing.offline !== offline) {
      offline = sharing.offline;
      deps.onOffline(offline);
    }
    return {
      on: config.worker !== undefined && (sharing.on || config.worker.sharing === 'always'),
      offline: sharing.offline,
      pausedUntilMs: sharing.pausedUntil ?? undefined,
      drain: sharing.drain,
      rules: effectiveRules(sharing.rules),
    };
  }

  const { sources, isTest } = systemSources({
    env: config.env,
    wantsProcesses() {
      const { otherCpuPercent, exclusiveApps } = effectiveRules(settings.current().sharing.rules);
      return otherCpuPercent > 0 || exclusiveApps.length > 0;
    },
  });
  const guest = createGuest({
    wish,
    sources: isTest ? sources : [...(overrides.signals ?? []), ...sources],
    engine: deps.engine,
    jobs: deps.jobs,
    ownPubkey: deps.ownPubkey,
    servedToday: createServedToday({
      ledger: deps.ledger,
      elsewhere(day) {
        const { inputTokens = 0, outputTokens = 0 } = deps.givenElsewhere(day) ?? {};
        return inputTokens + outputTokens;
      },
      nowMs: deps.nowMs,
    }),
    keepAwake: overrides.keepAwake ?? (process.platform === 'darwin' ? caffeinate() : undefined),
    charged: () => settings.change((current) => ({ ...current, sharing: { ...current.sharing, pausedUntil: null } })),
    onChange: deps.onChange,
    log: deps.log,
    nowMs: deps.nowMs,
  });
  // Settings are a file: who edits it by hand need not ask anybody.
  const unwatch = watchFile(config.home.settingsFile, () => void guest.reconsider());
  return {
    ...guest,
    stop() {
      unwatch();
      guest.stop();
    },
  };
}
