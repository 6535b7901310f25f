import { useState, type FormEvent } from 'react';
import type { CommandFailure } from '../../../../app/contract/commands.ts';
import type { IdleClawServerView } from '../../../../app/contract/snapshot.ts';
import { formatCompact, formatCount } from '../../../format/numbers.ts';
import { useServices, useSnapshot } from '../../../state/app-context.tsx';
import { readFailure } from '../../../state/command-error.ts';
import { useCommand } from '../../../state/use-command.ts';
import { Button } from '../../../ui/Button.tsx';
import { Card } from '../../../ui/Card.tsx';
import { Problem } from '../../../ui/Problem.tsx';
import { Switch } from '../../../ui/Switch.tsx';
import { TextField } from '../../../ui/TextField.tsx';

/** The other network: both ways off until switched on, each with what it sends. */
export function IdleClaw() {
  const idleclaw = useSnapshot((snapshot) => snapshot.idleclaw);
  const command = useCommand();
  const { requests, tokens } = idleclaw.givenToday;
  return (
    <>
      <h2 className="section-title">IdleClaw servers</h2>
      <Card flush label="IdleClaw servers">
        <div className="card-row">
          <div>
            <b className="strong">Contribute</b>
            <p>
              While sharing is on, each server below is told the names and sizes of your shared models, and sends
              prompts of strangers that this Mac answers. It earns no credit
              {requests > 0 && `: ${formatCount(requests)} answers, ${formatCompact(tokens)} tokens given today`}.
            </p>
          </div>
          <Switch
            label="Contribute to IdleClaw servers"
            checked={idleclaw.contribute}
            onChange={(contribute) => void command('setIdleClaw', { contribute })}
          />
        </div>
        <div className="card-row">
          <div>
            <b className="strong">Ask as a last resort</b>
            <p>
              When no peer can answer, your prompt is sent to a server below and read by it and by whoever answers.
              Nothing is sent that it would not take: no system text, tools or pictures.
            </p>
          </div>
          <Switch
            label="Ask IdleClaw servers as a last resort"
            checked={idleclaw.consume}
            onChange={(consume) => void command('setIdleClaw', { consume })}
          />
        </div>
        {idleclaw.servers.map((server) => (
          <ServerRow key={server.url} server={server} />
        ))}
        <AddServer />
      </Card>
    </>
  );
}

function ServerRow({ server }: { server: IdleClawServerView }) {
  const command = useCommand();
  const { url, sentence, given } = server;
  return (
    <div className="card-row" data-testid="idleclaw-server">
      <div>
        <b className="strong">{url}</b>
        <p>
          {sentence}
          {given.requests > 0 &&
            ` ${formatCount(given.requests)} answers, ${formatCompact(given.tokens)} tokens given so far.`}
        </p>
      </div>
      <Button aria-label={`Remove ${url}`} onClick={() => void command('removeIdleClawServer', { url })}>
        Remove
      </Button>
    </div>
  );
}

function AddServer() {
  const { bridge } = useServices();
  const [url, setUrl] = useState('');
  const [failure, setFailure] = useState<CommandFailure | null>(null);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setFailure(null);
    try {
      await bridge.command('addIdleClawServer', { url });
      setUrl('');
    } catch (thrown) {
      setFailure(readFailure(thrown));
    }
  };

  return (
    <form className="idleclaw-add" onSubmit={(event) => void submit(event)} noValidate>
      <TextField
        name="idleclaw-server"
        label="Server"
        value={url}
        onChange={setUrl}
        placeholder="https://…"
        help="Nothing is opened before one of the two is switched on."
      />
      {failure && <Problem failure={failure} />}
      <Button type="submit" disabled={url.trim() === ''}>
        Add server
      </Button>
    </form>
  );
}
