import type { OpenclawTaskView } from '../contract/snapshot.ts';
import {
  connectOpenclaw,
  disconnectOpenclaw,
  openclawReport,
  type OpenclawReport,
} from '../openclaw/install/connect.ts';
import { asGridError, GridError } from '../protocol/errors.ts';
import type { Home } from './home.ts';
import { openclawAccess } from './openclaw-access.ts';

/** Connecting openclaw takes a while: it is started, and the snapshot tells how far it is. */
export interface OpenclawConnection {
  view(): OpenclawTaskView | null;
  /** @throws GridError openclaw_failed */
  look(): Promise<OpenclawReport | undefined>;
  connect(routerUrl: string, makeDefault: boolean): void;
  disconnect(): void;
  stop(): void;
}

export function createOpenclawConnection(deps: {
  readonly home: Home;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** undefined where the plugin was not built */
  readonly pluginFolder: string | undefined;
  readonly onChange: () => void;
}): OpenclawConnection {
  let view: OpenclawTaskView | null = null;
  let controller: AbortController | undefined;
  const show = (next: OpenclawTaskView) => {
    view = next;
    deps.onChange();
  };

  function access() {
    const { pluginFolder } = deps;
    if (pluginFolder === undefined)
      throw new GridError('openclaw_failed', "The plugin is not built here; 'npm run build:openclaw' builds it.");
    return openclawAccess({
      ...deps,
      pluginFolder,
      onStep: (sentence) => {
        if (view) show({ ...view, steps: [...view.steps, sentence] });
      },
    });
  }

  async function run(doing: OpenclawTaskView['doing'], task: (signal: AbortSignal) => Promise<string>): Promise<void> {
    controller = new AbortController();
    show({ doing, state: 'running', steps: [], result: null, problem: null });
    try {
      const result = await task(controller.signal);
      if (view) show({ ...view, state: 'done', result });
    } catch (thrown) {
      const { message, hint } = asGridError(thrown, 'openclaw_failed');
      if (view) show({ ...view, state: 'failed', problem: { message, hint } });
    } finally {
      controller = undefined;
    }
  }

  function start(doing: OpenclawTaskView['doing'], task: (signal: AbortSignal) => Promise<string>): void {
    if (controller)
      throw new GridError('invalid_argument', 'openclaw is being worked on already; wait until that is done.');
    void run(doing, task);
  }

  return {
    view: () => view,
    look: () => openclawReport(access()),
    connect(routerUrl, makeDefault) {
      const toolbox = access();
      start('connect', async (signal) => {
        const wish = { routerUrl, makeDefault, dryRun: false };
        const { models, answeredBy } = await connectOpenclaw(toolbox, wish, signal);
        return `openclaw sees ${models.length === 1 ? 'one model' : `${models.length} models`} of the grid, and a question was answered by ${answeredBy}.`;
      });
    },
    disconnect() {
      const toolbox = access();
      start('disconnect', async (signal) => {
        const { settingsRestored } = await disconnectOpenclaw(toolbox, { dryRun: false }, signal);
        return settingsRestored
          ? 'The settings of openclaw are byte for byte what they were.'
          : 'Nothing of Lobstah is left in openclaw; what else was changed in its settings since then was kept.';
      });
    },
    stop: () => controller?.abort(),
  };
}
