import { useEffect, useState } from 'react';
import type { CommandArgs, CommandFailure, CommandName, CommandResult } from '../../app/contract/commands.ts';
import { useServices } from './app-context.tsx';
import { readFailure } from './command-error.ts';

export interface Asked<Result> {
  /** the newest answer; the one before stays until the next is there */
  readonly answer: Result | null;
  readonly failure: CommandFailure | null;
  readonly isAsking: boolean;
}

/** Asks a question again whenever its arguments or `freshness` change. Answers that were overtaken are dropped. */
export function useAsked<Name extends CommandName>(
  name: Name,
  args: CommandArgs<Name>,
  freshness: unknown = null,
): Asked<CommandResult<Name>> {
  const { bridge } = useServices();
  const [asked, setAsked] = useState<Asked<CommandResult<Name>>>({
    answer: null,
    failure: null,
    isAsking: true,
  });
  const argsText = JSON.stringify(args);

  useEffect(() => {
    let overtaken = false;
    setAsked((before) => ({ ...before, isAsking: true }));
    bridge.command(name, JSON.parse(argsText) as CommandArgs<Name>).then(
      (answer) => overtaken || setAsked({ answer, failure: null, isAsking: false }),
      (thrown: unknown) =>
        overtaken || setAsked(({ answer }) => ({ answer, failure: readFailure(thrown), isAsking: false })),
    );
    return () => {
      overtaken = true;
    };
  }, [bridge, name, argsText, freshness]);

  return asked;
}
