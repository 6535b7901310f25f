import type { CommandArgs, CommandResult } from '../../app/contract/commands.ts';
import type { MockGrid } from './mock-grid.ts';

type EngineCommand = 'useEngine' | 'testEngine';

/** An OpenAI-compatible engine that answers at any address, unless 'refused' is in it. */
export function mockEngineCommands(grid: MockGrid): {
  [Name in EngineCommand]: (args: CommandArgs<Name>) => CommandResult<Name>;
} {
  return {
    useEngine: ({ kind, url, key }) =>
      grid.change(({ engineChoice }) => ({
        engineChoice: {
          ...engineChoice,
          kind,
          url: url ?? engineChoice.url,
          hasKey: key === undefined ? engineChoice.hasKey : key !== null,
        },
      })),
    testEngine: ({ url }) =>
      url.includes('refused')
        ? { ok: false, sentence: `Nothing answers at ${url} (nothing listens there).`, models: [] }
        : { ok: true, sentence: 'It answers, with one model: qwen3-8b.', models: ['qwen3-8b'] },
  };
}
