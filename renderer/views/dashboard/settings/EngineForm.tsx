import { useState, type FormEvent } from 'react';
import type { CommandFailure, EngineTestView } from '../../../../app/contract/commands.ts';
import type { EngineChoiceView } from '../../../../app/contract/snapshot.ts';
import { useServices } from '../../../state/app-context.tsx';
import { readFailure } from '../../../state/command-error.ts';
import { isReadableOnTheWay } from '../../../state/peer-form.ts';
import { showDone } from '../../../state/toasts.ts';
import { Button } from '../../../ui/Button.tsx';
import { Note } from '../../../ui/Note.tsx';
import { Problem } from '../../../ui/Problem.tsx';
import { TextField } from '../../../ui/TextField.tsx';

/** Address and key of an OpenAI-compatible engine. A key goes in and is never shown: there is no way to read one. */
export function EngineForm({ choice }: { choice: EngineChoiceView }) {
  const { bridge } = useServices();
  const [url, setUrl] = useState(choice.url ?? '');
  const [key, setKey] = useState('');
  const [test, setTest] = useState<EngineTestView | null>(null);
  const [failure, setFailure] = useState<CommandFailure | null>(null);
  const [isBusy, setIsBusy] = useState(false);

  const run = async (step: () => Promise<void>) => {
    setTest(null);
    setFailure(null);
    setIsBusy(true);
    try {
      await step();
    } catch (thrown) {
      setFailure(readFailure(thrown));
    } finally {
      setIsBusy(false);
    }
  };
  const withKey = key.trim() === '' ? {} : { key: key.trim() };
  const check = () => run(async () => setTest(await bridge.command('testEngine', { url: url.trim(), ...withKey })));
  const use = (event: FormEvent) => {
    event.preventDefault();
    return run(async () => {
      await bridge.command('useEngine', { kind: 'openai', url: url.trim(), ...withKey });
      setKey('');
      showDone('The engine was changed');
    });
  };
  const forget = () =>
    run(async () => {
      await bridge.command('useEngine', { kind: choice.kind, key: null });
      showDone('The key was forgotten');
    });

  return (
    <form className="engine-form" onSubmit={(event) => void use(event)} noValidate>
      <TextField
        name="engine-url"
        label="Address"
        value={url}
        onChange={setUrl}
        placeholder="http://127.0.0.1:1234"
        help="LM Studio: port 1234, llama.cpp: 8080, vLLM: 8000, exo: 52415."
      />
      <TextField
        name="engine-key"
        label="Key"
        secret
        value={key}
        onChange={setKey}
        placeholder={choice.hasKey ? 'A key is kept; type to replace it' : 'Only if the server asks for one'}
        help={choice.keyProblem ?? 'Kept in the keychain, sent to this address only, never shown again.'}
      />
      {key !== '' && isReadableOnTheWay(url) && (
        <Note tone="caution">
          <b>Not encrypted.</b> Over http, whoever is on the way can read the key.
        </Note>
      )}
      <div className="engine-result" role="status">
        {test && <Note tone={test.ok ? 'plain' : 'trouble'}>{test.sentence}</Note>}
      </div>
      {failure && <Problem failure={failure} />}
      <div className="engine-actions">
        {choice.hasKey && (
          <Button look="plain" onClick={() => void forget()} disabled={isBusy}>
            Forget the key
          </Button>
        )}
        <Button onClick={() => void check()} disabled={isBusy || url.trim() === ''}>
          Test connection
        </Button>
        <Button look="primary" type="submit" disabled={isBusy || url.trim() === ''}>
          Use this engine
        </Button>
      </div>
    </form>
  );
}
