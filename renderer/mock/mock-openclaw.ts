import type { CommandArgs, CommandResult, OpenclawView } from '../../app/contract/commands.ts';
import type { OpenclawTaskView } from '../../app/contract/snapshot.ts';
import { CommandError } from '../state/command-error.ts';
import type { MockGrid } from './mock-grid.ts';

type OpenclawCommand = 'lookAtOpenclaw' | 'connectOpenclaw' | 'disconnectOpenclaw';

const CONNECTING = [
  'Asks the router what the grid offers',
  'Looks at openclaw, /opt/homebrew/bin/openclaw',
  'Keeps a copy of its settings',
  'Installs the plugin',
  'Adds the grid as a model provider, at http://127.0.0.1:17475/v1',
  'Asks openclaw which models it sees now',
  'Sends a question through the router',
];
const DISCONNECTING = ['Looks at openclaw, /opt/homebrew/bin/openclaw', 'Takes the plugin away'];
const STEP_MS = 60;

/** An openclaw that does at once what the real one takes half a minute for; in the scene 'empty' there is none. */
export function mockOpenclaw(grid: MockGrid): {
  [Name in OpenclawCommand]: (args: CommandArgs<Name>) => CommandResult<Name>;
} {
  let found: OpenclawView = {
    path: '/opt/homebrew/bin/openclaw',
    version: '2026.9.6',
    pluginVersion: null,
    baseUrl: null,
    defaultModel: 'openai/gpt-5',
    canUndo: false,
  };

  function run(doing: OpenclawTaskView['doing'], sentences: readonly string[], end: () => string): null {
    const show = (openclaw: OpenclawTaskView) => grid.change(() => ({ openclaw }));
    const step = (count: number): void => {
      const steps = sentences.slice(0, count);
      show({ doing, state: 'running', steps, result: null, problem: null });
      if (count < sentences.length) setTimeout(() => step(count + 1), STEP_MS);
      else
        setTimeout(() => {
          try {
            show({ doing, state: 'done', steps, result: end(), problem: null });
          } catch (error) {
            const { message, hint } = error as CommandError;
            show({ doing, state: 'failed', steps, result: null, problem: { message, hint } });
          }
        }, STEP_MS);
    };
    step(1);
    return null;
  }

  return {
    lookAtOpenclaw: () => ({ found: grid.snapshot().peers.length === 0 ? null : found }),
    connectOpenclaw: ({ makeDefault }) =>
      run('connect', CONNECTING, () => {
        if (!grid.snapshot().engine.reachable)
          throw new CommandError({
            code: 'engine_unreachable',
            message: 'The engine on this machine does not answer.',
            hint: "Start it ('ollama serve'), then try again.",
          });
        found = {
          ...found,
          pluginVersion: '0.1.0',
          baseUrl: 'http://127.0.0.1:17475/v1',
          canUndo: true,
          ...(makeDefault ? { defaultModel: 'lobstah/auto' } : {}),
        };
        return 'openclaw sees 5 models of the grid, and a question was answered by qwen3:8b at lob1 3e6c…342a.';
      }),
    disconnectOpenclaw: () =>
      run('disconnect', DISCONNECTING, () => {
        found = {
          ...found,
          pluginVersion: null,
          baseUrl: null,
          canUndo: false,
          defaultModel: 'openai/gpt-5',
        };
        return 'The settings of openclaw are byte for byte what they were.';
      }),
  };
}
