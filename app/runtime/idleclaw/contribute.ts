import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Engine } from '../../engine/engine.ts';
import { createContribution } from '../../idleclaw/node/contribution.ts';
import type { ContributorView } from '../../idleclaw/node/contributor.ts';
import { NODE_TIMING, type NodeTiming } from '../../idleclaw/node/giving.ts';
import { isEmbeddingModel } from '../../protocol/capacity.ts';
import { isOpen, type SharingDecision } from '../../sharing/decide.ts';
import type { Serve } from '../../worker/serve.ts';
import type { GridConfig } from '../grid-config.ts';
import type { SettingsFile } from '../settings.ts';
import { openGivenBook, type GivenBook } from './given-book.ts';
import { serversOf } from './idleclaw-wish.ts';

/** This machine as a node of IdleClaw servers. */
export interface Contributing {
  readonly given: GivenBook;
  views(): readonly ContributorView[];
  /** after the owner changed something: at once */
  sync(): void;
  close(drainMs?: number): Promise<void>;
}

/** Opens nothing while contributing is off. @throws GridError invalid_argument for a broken IDLECLAW_SERVER */
export function startContributing(deps: {
  readonly config: GridConfig;
  readonly settings: SettingsFile;
  readonly sharing: (nowMs: number) => SharingDecision;
  readonly serve: Serve;
  readonly engine: Engine;
  readonly log: Logger;
  readonly nowMs: () => number;
  readonly onChange: () => void;
  readonly timing?: NodeTiming | undefined;
}): Contributing {
  const { config, settings, serve, engine, log, nowMs } = deps;
  const given = openGivenBook(config.home.givenFile, {
    nowMs,
    onProblem: (error) => log.warn({ err: error }, 'idleclaw-given.json'),
  });
  const servers = (): readonly string[] => {
    if (config.contributeTo) return config.contributeTo;
    const current = settings.current();
    return current.idleclaw.contribute ? serversOf(current, config.env) : [];
  };
  const contribution = createContribution({
    giving: {
      models: async (signal) => (await serve.offers.shared(signal)).filter((model) => !isEmbeddingModel(model)),
      give: serve.give,
      load: () => serve.load,
      concurrency: () => settings.current().worker.concurrency,
      async engineVersion(signal) {
        const status = await engine.status(signal);
        return status.version ?? `lobstah ${config.version}`;
      },
    },
    given: (server, tokens) => {
      given.add(server, tokens);
      deps.onChange();
    },
    wish() {
      const { state, untilMs } = deps.sharing(nowMs());
      return { servers: servers(), sharing: isOpen({ state }), untilMs };
    },
    onChange: deps.onChange,
    log,
    nowMs,
    random: Math.random,
    newNodeId: randomUUID,
    timing: deps.timing ?? NODE_TIMING,
  });
  contribution.sync();
  return {
    given,
    views: contribution.views,
    sync: contribution.sync,
    async close(drainMs) {
      await contribution.close(drainMs);
      given.close();
    },
  };
}
