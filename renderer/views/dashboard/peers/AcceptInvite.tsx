import { useEffect, useState, type FormEvent } from 'react';
import type { CommandFailure, CommandResult } from '../../../../app/contract/commands.ts';
import { formatShortKey } from '../../../format/keys.ts';
import { useServices } from '../../../state/app-context.tsx';
import { readFailure } from '../../../state/command-error.ts';
import { showDone } from '../../../state/toasts.ts';
import { Button } from '../../../ui/Button.tsx';
import { Note } from '../../../ui/Note.tsx';
import { Panel } from '../../../ui/Panel.tsx';
import { Problem } from '../../../ui/Problem.tsx';
import { TextField } from '../../../ui/TextField.tsx';

/** A pasted link is read and put into words first; nothing is sent before the owner has said yes to these. */
export function AcceptInvite({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { bridge } = useServices();
  const [link, setLink] = useState('');
  const [invite, setInvite] = useState<CommandResult<'readInvite'> | null>(null);
  const [failure, setFailure] = useState<CommandFailure | null>(null);

  useEffect(() => {
    if (!open) return;
    setLink('');
    setInvite(null);
    setFailure(null);
  }, [open]);

  const name = invite && (invite.label === '' ? formatShortKey(invite.pubkey) : invite.label);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setFailure(null);
    try {
      if (!invite) {
        setInvite(await bridge.command('readInvite', { link }));
        return;
      }
      const { state, problem } = await bridge.command('acceptInvite', { link, circle: invite.circle });
      if (state === 'refused') showDone(`${name} said no`);
      else showDone(state === 'unreachable' ? `${name} is asked again: ${problem ?? ''}` : `${name} was asked`);
      onClose();
    } catch (thrown) {
      setFailure(readFailure(thrown));
    }
  };

  return (
    <Panel kind="sheet" title="Use an invite" open={open} onClose={onClose}>
      <form className="add-peer" onSubmit={(event) => void submit(event)} noValidate>
        {invite ? (
          <>
            <p>
              <b className="strong">{name}</b> <span className="quiet">{formatShortKey(invite.pubkey)}</span>
            </p>
            <Note tone={invite.circle === 'device' ? 'caution' : 'plain'}>
              {invite.circle === 'device'
                ? 'This link joins another Mac of your own: both use each other for nothing. Go on only if that Mac is yours.'
                : 'This link makes you friends: each may use the other’s Mac up to a limit. They have to confirm that it is you.'}
            </Note>
            <p className="quiet small">
              Sends your public key, the name of this computer and its address to {invite.addresses.join(', ')}. They
              see your IP address.
            </p>
          </>
        ) : (
          <TextField
            name="link"
            label="Invite link"
            mono
            value={link}
            onChange={setLink}
            placeholder="lobstah:invite?…"
            help="Nothing is sent yet."
          />
        )}
        {failure && <Problem failure={failure} />}
        <div className="panel-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" disabled={link.trim() === ''}>
            {invite ? (invite.circle === 'device' ? 'Join' : 'Become friends') : 'Continue'}
          </Button>
        </div>
      </form>
    </Panel>
  );
}
