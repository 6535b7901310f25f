import { useEffect, useState, type FormEvent } from 'react';
import type { CommandArgs, CommandFailure } from '../../../app/contract/commands.ts';
import { useServices } from '../../state/app-context.tsx';
import { readFailure } from '../../state/command-error.ts';
import { checkRelayForm, type RelayForm } from '../../state/relay-form.ts';
import { splitTrackers } from '../../state/tracker-form.ts';
import { Button } from '../../ui/Button.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Problem } from '../../ui/Problem.tsx';
import { TextField } from '../../ui/TextField.tsx';
import './tracker-sheet.css';

export type NostrSwitch = 'announce' | 'find' | 'publishReceipts';
export type NostrOn = Extract<CommandArgs<'setNostr'>, { state: 'on' }>;

const TITLES: Record<NostrSwitch, string> = {
  announce: 'Be found on Nostr',
  find: 'Find peers on Nostr',
  publishReceipts: 'Publish receipts on Nostr',
};

/** There is no relay that everybody uses, so the first switch begins with naming one. Closing the sheet changes nothing. */
export function NostrSheet({
  turning,
  wish,
  onClose,
}: {
  turning: NostrSwitch | null;
  wish: NostrOn;
  onClose: () => void;
}) {
  const { bridge } = useServices();
  const [form, setForm] = useState<RelayForm>({ relays: '', url: '', label: '' });
  const [wasTried, setWasTried] = useState(false);
  const [failure, setFailure] = useState<CommandFailure | null>(null);
  // While the sheet slides away it still shows what it was for.
  const [shown, setShown] = useState<NostrSwitch>('find');

  useEffect(() => {
    if (turning === null) return;
    setShown(turning);
    setForm({ relays: wish.relays.join(', '), url: wish.url ?? '', label: wish.label ?? '' });
    setWasTried(false);
    setFailure(null);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- what arrives while the sheet is open does not overwrite what is typed
  }, [turning]);

  const isAnnounce = shown === 'announce';
  const errors = checkRelayForm(form, isAnnounce);
  const field = (name: keyof RelayForm) => ({
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
    const { url, label } = isAnnounce ? form : { url: wish.url ?? '', label: wish.label ?? '' };
    try {
      await bridge.command('setNostr', {
        ...wish,
        [shown]: true,
        relays: splitTrackers(form.relays),
        url: url.trim(),
        label: label.trim(),
      });
      onClose();
    } catch (thrown) {
      setFailure(readFailure(thrown));
    }
  };

  return (
    <Panel kind="sheet" title={TITLES[shown]} open={turning !== null} onClose={onClose}>
      <form className="tracker-form" onSubmit={(event) => void submit(event)} noValidate>
        <TextField
          {...field('relays')}
          label="Relay"
          placeholder="wss://…"
          help="Several are separated by commas. Whoever runs one sees your IP address and what you send."
        />
        {isAnnounce && (
          <>
            <TextField
              {...field('url')}
              label="Address of this Mac"
              placeholder="https://…"
              help="Where others reach it. It is shown to everybody."
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
            Turn on
          </Button>
        </div>
      </form>
    </Panel>
  );
}
