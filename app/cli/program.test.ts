import { describe, expect, it } from 'vitest';
import { COMMAND_FILES, createProgram } from './program.ts';

const namesOf = async (asked: string | undefined) =>
  (await createProgram(asked)).commands.map((command) => command.name()).filter((name) => name !== 'help');

describe('the command line', () => {
  it.each(COMMAND_FILES.flatMap(({ names }) => names.map((name) => [name, names] as const)))(
    'brings %s with what its file adds, and nothing else',
    async (name, names) => {
      expect(new Set(await namesOf(name))).toEqual(new Set(names));
    },
  );

  it.each([undefined, '--help', 'help', 'nonsense'])('brings all commands for %s', async (asked) => {
    expect(await namesOf(asked)).toEqual(COMMAND_FILES.flatMap(({ names }) => names));
  });
});
