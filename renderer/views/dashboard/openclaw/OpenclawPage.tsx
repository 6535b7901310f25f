import { useState } from 'react';
import type { OpenclawView } from '../../../../app/contract/commands.ts';
import { useSnapshot } from '../../../state/app-context.tsx';
import { useAsked } from '../../../state/use-asked.ts';
import { useCommand } from '../../../state/use-command.ts';
import { Button } from '../../../ui/Button.tsx';
import { Card } from '../../../ui/Card.tsx';
import { Note } from '../../../ui/Note.tsx';
import { Problem } from '../../../ui/Problem.tsx';
import { Switch } from '../../../ui/Switch.tsx';
import { PageHead } from '../PageHead.tsx';
import { OpenclawFacts } from './OpenclawFacts.tsx';
import { OpenclawProgress } from './OpenclawProgress.tsx';

function headline(found: OpenclawView | null | undefined, isConnected: boolean): string {
  if (found === undefined) return 'Looking for openclaw…';
  if (found === null) return 'There is no openclaw on this Mac.';
  return isConnected ? 'Connected: openclaw can use the grid.' : 'Not connected: openclaw does not know the grid yet.';
}

/** Finds openclaw, makes the grid one of its model providers, looks whether it works, and undoes it. */
export function OpenclawPage() {
  const task = useSnapshot((snapshot) => snapshot.openclaw);
  const [round, setRound] = useState(0);
  const [makeDefault, setMakeDefault] = useState(false);
  const command = useCommand();
  const isBusy = task?.state === 'running';
  const { answer, failure, isAsking } = useAsked('lookAtOpenclaw', {}, `${round} ${task?.state ?? ''}`);
  const found = answer?.found;
  const isConnected = found != null && found.pluginVersion !== null && found.baseUrl !== null;

  return (
    <>
      <PageHead title="openclaw" about={headline(found, isConnected)}>
        <Button onClick={() => setRound(round + 1)} disabled={isAsking || isBusy}>
          Look again
        </Button>
      </PageHead>
      {failure && <Problem failure={failure} />}
      {found === null && (
        <Note>
          Install it with <code>npm install -g openclaw</code>, then look again. Any other program that speaks
          OpenAI&rsquo;s API can use the address in Settings.
        </Note>
      )}
      {found && (
        <>
          <OpenclawFacts found={found} />
          <Card flush label="Connect">
            {!isConnected && (
              <div className="card-row">
                <div>
                  <b className="strong">Make the grid its default model</b>
                  <p>Otherwise the models of the grid are there to choose, and openclaw goes on as it is.</p>
                </div>
                <Switch
                  label="Make the grid its default model"
                  checked={makeDefault}
                  disabled={isBusy}
                  onChange={setMakeDefault}
                />
              </div>
            )}
            <div className="card-row">
              <p className="quiet">
                {isConnected
                  ? 'Disconnecting takes plugin and provider away and puts back what was there before.'
                  : 'Everything is done by openclaw’s own commands. Its settings are copied first, so that it can be undone.'}
              </p>
              {isConnected ? (
                <Button disabled={isBusy} onClick={() => void command('disconnectOpenclaw', {})}>
                  Disconnect
                </Button>
              ) : (
                <Button
                  look="primary"
                  disabled={isBusy}
                  onClick={() => void command('connectOpenclaw', { makeDefault })}
                >
                  Connect openclaw
                </Button>
              )}
            </div>
          </Card>
        </>
      )}
      {task && <OpenclawProgress task={task} />}
      <Note tone="caution">
        <b>Whoever answers openclaw can ask it to use its tools.</b> An agent does what the model says: let only peers
        answer it that you trust, or keep its approvals on.
      </Note>
    </>
  );
}
