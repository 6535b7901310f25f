import { useEffect, useState, type FormEvent } from 'react';
import type { CommandFailure } from '../../../app/contract/commands.ts';
import { useServices } from '../../state/app-context.tsx';
import { readFailure } from '../../state/command-error.ts';
import { checkTrackerForm, splitTrackers, type TrackerForm } from '../../state/tracker-form.ts';
import { showDone } from '../../state/toasts.ts';
import { Button } from '../../ui/Button.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Problem } from '../../ui/Problem.tsx';
import { TextField } from '../../ui/TextField.tsx';
import './tracker-sheet.css';

export type TrackerOptIn = 'announce' | 'sync';

const EMPTY: TrackerForm = { trackers: '', url: '', label: '' };

/** There is no tracker that everybody uses, so turning one on begins with naming it. Closing the sheet changes nothing. */
export function TrackerSheet({ kind, onClose }: { kind: TrackerOptIn | null; onClose: () => void }) {
  const { bridge } = useServices();
  const [form, setForm] = useState(EMPTY);
  // Complaints begin with the first try, not with the first letter.
  const [wasTried, setWasTried] = useState(false);
  const [failure, setFailure] = useState<CommandFailure | null>(null);
  // While the sheet slides away it still shows what it was for.
  const [shown, setShown] = useState<TrackerOptIn>('announce');

  useEffect(() => {
    if (kind === null) return;
    setShown(kind);
    setForm(EMPTY);
    setWasTried(false);
    setFailure(null);
  }, [kind]);

  const isAnnounce = shown === 'announce';
  const errors = checkTrackerForm(form, shown);
  const field = (name: keyof TrackerForm) => ({
    name,
    value: form[name],
    error: wasTried ? errors[name] : undefined,
    onChange: (value: string) => setForm((before) => ({ ...before, [name]: value })),
  });

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setWasTried(true);
    setFailure(null);
    if (Object.keys(errors).length > 0) return;
    const trackers = splitTrackers(form.trackers);
    try {
      if (isAnnounce)
        await bridge.command('setAnnounce', { state: 'on', trackers, url: form.url.trim(), label: form.label.trim() });
      else await bridge.command('setTrackerSync', { state: 'on', trackers });
      showDone(isAnnounce ? 'This Mac is announced while you share' : 'Peers are looked for');
      onClose();
    } catch (thrown) {
      setFailure(readFailure(thrown));
    }
  };

  return (
    <Panel
      kind="sheet"
      title={isAnnounce ? 'Announce this Mac' : 'Find peers on trackers'}
      open={kind !== null}
      onClose={onClose}
    >
      <form className="tracker-form" onSubmit={(event) => void submit(event)} noValidate>
        <TextField
          {...field('trackers')}
          label="Tracker"
          placeholder="https://…"
          help="Several are separated by commas. Whoever runs one sees what you send to it."
        />
        {isAnnounce && (
          <>
            <TextField
              {...field('url')}
              label="Address of this Mac"
              placeholder="https://…"
              help="Where others reach it: https://…, or its key if peers are reached by key. It is shown to everybody."
            />
            <TextField
              {...field('label')}
              label="Label"
              placeholder="my-mac"
              help="May stay empty. Shown to everybody."
            />
          </>
        )}
        {failure && <Problem failure={failure} />}
        <div className="panel-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit">
            {isAnnounce ? 'Announce' : 'Find peers'}
          </Button>
        </div>
      </form>
    </Panel>
  );
}
