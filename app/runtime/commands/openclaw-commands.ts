import { GridError } from '../../protocol/errors.ts';
import type { CommandDeps, Handlers } from './command-deps.ts';

type OpenclawCommand = 'lookAtOpenclaw' | 'connectOpenclaw' | 'disconnectOpenclaw';

export function openclawCommands({ openclaw, routerUrl }: CommandDeps): Handlers<OpenclawCommand> {
  return {
    async lookAtOpenclaw() {
      const report = await openclaw.look();
      if (!report) return { found: null };
      const { path, version, plugin, provider, defaultModel, canUndo } = report;
      return {
        found: {
          path,
          version,
          pluginVersion: plugin?.enabled ? (plugin.version ?? 'unknown') : null,
          baseUrl: provider?.baseUrl ?? null,
          defaultModel,
          canUndo,
        },
      };
    },
    connectOpenclaw({ makeDefault }) {
      if (!routerUrl)
        throw new GridError('not_running', 'No router runs here, so there is nothing to connect openclaw to.');
      openclaw.connect(routerUrl, makeDefault);
      return null;
    },
    disconnectOpenclaw() {
      openclaw.disconnect();
      return null;
    },
  };
}
