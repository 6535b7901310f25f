import { useEffect, useState, type FormEvent } from 'react';
import type { CommandFailure } from '../../../app/contract/commands.ts';
import { useServices } from '../../state/app-context.tsx';
import { readFailure } from '../../state/command-error.ts';
import { EMPTY_OVERLAY_FORM, overlayWish, relayProblem, type OverlayForm } from '../../state/overlay-form.ts';
import { showDone } from '../../state/toasts.ts';
import { Button } from '../../ui/Button.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Problem } from '../../ui/Problem.tsx';
import { Segments } from '../../ui/Segments.tsx';
import { Switch } from '../../ui/Switch.tsx';
import { TextField } from '../../ui/TextField.tsx';
import './tracker-sheet.css';

const RELAYS: readonly { value: OverlayForm['relay']; text: string }[] = [
  { value: 'public', text: 'Public relays' },
  { value: 'own', text: 'My own relay' },
  { value: 'none', text: 'No relay' },
];

const WHAT: Record<OverlayForm['relay'], string> = {
  public:
    'Run by the makers of iroh (n0). They help peers find each other by key, and pass sealed bytes on where no direct way exists. They see keys, IP addresses and amounts.',
  own: 'A relay of yours or of somebody you trust. It sees the same; nobody else is asked.',
  none: 'Nobody in between. Peers have to know an address of this Mac, and it has to be reachable there.',
};

/** Through whom? Asked once, before anything is opened. Closing the sheet changes nothing. */
export function OverlaySheet({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { bridge } = useServices();
  const [form, setForm] = useState(EMPTY_OVERLAY_FORM);
  const [wasTried, setWasTried] = useState(false);
  const [failure, setFailure] = useState<CommandFailure | null>(null);
  const change = (part: Partial<OverlayForm>) => setForm((before) => ({ ...before, ...part }));
  useEffect(() => {
    if (!open) return;
    setForm(EMPTY_OVERLAY_FORM);
    setWasTried(false);
    setFailure(null);
  }, [open]);

  const problem = relayProblem(form);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setWasTried(true);
    setFailure(null);
    if (problem !== undefined) return;
    try {
      await bridge.command('setOverlay', overlayWish(form));
      showDone('Peers are reached by key');
      onClose();
    } catch (thrown) {
      setFailure(readFailure(thrown));
    }
  };

  return (
    <Panel kind="sheet" title="Reach peers by key" open={open} onClose={onClose}>
      <form className="tracker-form" onSubmit={(event) => void submit(event)} noValidate>
        <Segments label="Relay" value={form.relay} options={RELAYS} onChange={(relay) => change({ relay })} />
        <p className="quiet">{WHAT[form.relay]}</p>
        {form.relay === 'own' && (
          <TextField
            name="relay"
            label="Address of the relay"
            placeholder="https://…"
            value={form.url}
            error={wasTried ? problem : undefined}
            onChange={(url) => change({ url })}
          />
        )}
        {form.relay !== 'none' && (
          <div className="row">
            <div>
              <b className="strong">Through relays only</b>
              <p className="quiet">Slower, and peers do not learn the IP address of this Mac.</p>
            </div>
            <Switch
              label="Through relays only"
              checked={form.relayOnly}
              onChange={(relayOnly) => change({ relayOnly })}
            />
          </div>
        )}
        {failure && <Problem failure={failure} />}
        <div className="panel-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit">
            Turn on
          </Button>
        </div>
      </form>
    </Panel>
  );
}
