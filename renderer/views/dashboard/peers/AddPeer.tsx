import { useEffect, useState, type FormEvent } from 'react';
import type { CommandFailure } from '../../../../app/contract/commands.ts';
import { useServices } from '../../../state/app-context.tsx';
import { readFailure } from '../../../state/command-error.ts';
import { checkPeerForm, cleanPubkey, isReadableOnTheWay, type PeerForm } from '../../../state/peer-form.ts';
import { showDone } from '../../../state/toasts.ts';
import { Button } from '../../../ui/Button.tsx';
import { Note } from '../../../ui/Note.tsx';
import { Panel } from '../../../ui/Panel.tsx';
import { Problem } from '../../../ui/Problem.tsx';
import { TextField } from '../../../ui/TextField.tsx';

const EMPTY: PeerForm = { pubkey: '', url: '', label: '' };

export function AddPeer({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { bridge, mirror } = useServices();
  const [form, setForm] = useState(EMPTY);
  // Complaints begin with the first try to add, not with the first letter.
  const [wasTried, setWasTried] = useState(false);
  const [failure, setFailure] = useState<CommandFailure | null>(null);

  useEffect(() => {
    if (!open) return;
    setForm(EMPTY);
    setWasTried(false);
    setFailure(null);
  }, [open]);

  const snapshot = mirror.getState().snapshot;
  const known = snapshot?.peers.map(({ pubkey }) => pubkey) ?? [];
  const errors = checkPeerForm(form, snapshot?.pubkey ?? '', known);
  const shownErrors = wasTried ? errors : {};
  const field = (name: keyof PeerForm) => ({
    name,
    value: form[name],
    error: shownErrors[name],
    onChange: (value: string) => setForm((before) => ({ ...before, [name]: value })),
  });

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setWasTried(true);
    setFailure(null);
    if (Object.keys(errors).length > 0) return;
    const label = form.label.trim();
    const peer = { pubkey: cleanPubkey(form.pubkey), url: form.url.trim(), ...(label === '' ? {} : { label }) };
    try {
      await bridge.command('addPeer', peer);
      showDone(`${label === '' ? 'The peer' : label} was added`);
      onClose();
    } catch (thrown) {
      setFailure(readFailure(thrown));
    }
  };

  return (
    <Panel kind="sheet" title="Add a peer" open={open} onClose={onClose}>
      <form className="add-peer" onSubmit={(event) => void submit(event)} noValidate>
        <TextField
          {...field('pubkey')}
          label="Key"
          mono
          placeholder="lob1…"
          help="Its owner finds it on the Diagnostics page."
        />
        <TextField
          {...field('url')}
          label="Address"
          placeholder="https://…"
          help="Where its worker answers: https://…, iroh:…, or its key once more."
        />
        <TextField
          {...field('label')}
          label="Name"
          placeholder="mira’s MacBook"
          help="What you call it. Only you see it."
        />
        {isReadableOnTheWay(form.url) && (
          <Note tone="caution">
            <b>Not encrypted.</b> Over http, whoever is on the way can read what you send. Use it inside a network you
            trust.
          </Note>
        )}
        {failure && <Problem failure={failure} />}
        <div className="panel-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit">
            Add
          </Button>
        </div>
      </form>
    </Panel>
  );
}
