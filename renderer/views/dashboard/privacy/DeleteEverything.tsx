import { useState, type FormEvent } from 'react';
import { showDone } from '../../../state/toasts.ts';
import { useCommand } from '../../../state/use-command.ts';
import { Button } from '../../../ui/Button.tsx';
import { Card } from '../../../ui/Card.tsx';
import { Panel } from '../../../ui/Panel.tsx';
import { TextField } from '../../../ui/TextField.tsx';

const WORD = 'delete';

export function DeleteEverything() {
  const [isOpen, setIsOpen] = useState(false);
  const [word, setWord] = useState('');
  const command = useCommand();
  const open = () => {
    setWord('');
    setIsOpen(true);
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (word !== WORD) return;
    if ((await command('deleteEverything', { confirmation: word })) === undefined) return;
    setIsOpen(false);
    showDone('Everything was deleted');
  };

  return (
    <>
      <h2 className="section-title">Start from nothing</h2>
      <Card className="row">
        <p className="quiet">Deletes the ledger, your key, peers, settings and downloaded models.</p>
        <Button onClick={open}>Delete everything…</Button>
      </Card>
      <Panel kind="sheet" title="Delete everything?" open={isOpen} onClose={() => setIsOpen(false)}>
        <form className="delete-form" onSubmit={(event) => void submit(event)}>
          <p>
            The ledger with all receipts, your key, your peers, your settings and downloaded models are deleted from
            this Mac. <b className="strong">Credit that others owe you belongs to the key and is lost with it.</b> There
            is no undo.
          </p>
          <TextField
            name="confirmation"
            label={`Type ‘${WORD}’ to go on`}
            value={word}
            onChange={(typed) => setWord(typed.trim().toLowerCase())}
          />
          <div className="panel-actions">
            <Button onClick={() => setIsOpen(false)}>Keep everything</Button>
            <Button look="danger" type="submit" disabled={word !== WORD}>
              Delete everything
            </Button>
          </div>
        </form>
      </Panel>
    </>
  );
}
