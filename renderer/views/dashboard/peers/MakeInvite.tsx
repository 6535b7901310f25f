import { useEffect, useState, type FormEvent } from 'react';
import type { CommandFailure, InviteMadeView } from '../../../../app/contract/commands.ts';
import type { Circle } from '../../../../app/contract/snapshot.ts';
import { useServices } from '../../../state/app-context.tsx';
import { readFailure } from '../../../state/command-error.ts';
import { Button } from '../../../ui/Button.tsx';
import { CopyButton } from '../../../ui/CopyButton.tsx';
import { Note } from '../../../ui/Note.tsx';
import { Panel } from '../../../ui/Panel.tsx';
import { Problem } from '../../../ui/Problem.tsx';
import { TextField } from '../../../ui/TextField.tsx';
import { QrCode } from '../../../ui/QrCode.tsx';

const TITLE: Record<Circle, string> = { friend: 'Invite a friend', device: 'Add a device' };

/** First what the link will say, then the link, once: only a hash of its secret is kept. */
export function MakeInvite({ circle, onClose }: { circle: Circle | null; onClose: () => void }) {
  const { bridge } = useServices();
  const [kind, setKind] = useState<Circle>('friend');
  const [label, setLabel] = useState('');
  const [address, setAddress] = useState('');
  const [made, setMade] = useState<InviteMadeView | null>(null);
  const [failure, setFailure] = useState<CommandFailure | null>(null);

  useEffect(() => {
    // The words stay while the sheet fades out.
    if (circle === null) return;
    setKind(circle);
    setLabel('');
    setAddress('');
    setMade(null);
    setFailure(null);
  }, [circle]);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setFailure(null);
    try {
      setMade(
        await bridge.command('createInvite', {
          circle: kind,
          ...(label.trim() === '' ? {} : { label: label.trim() }),
          ...(address.trim() === '' ? {} : { addresses: [address.trim()] }),
        }),
      );
    } catch (thrown) {
      setFailure(readFailure(thrown));
    }
  };

  return (
    <Panel kind="sheet" title={TITLE[kind]} open={circle !== null} onClose={onClose}>
      {made ? (
        <MadeInvite made={made} circle={kind} onClose={onClose} />
      ) : (
        <form className="add-peer" onSubmit={(event) => void submit(event)} noValidate>
          <p className="quiet">
            {kind === 'friend'
              ? 'Makes a link for one person, good for a week. You are asked before they become a friend.'
              : 'Makes a link to open on your other Mac, good for a week. You confirm here that it was you. Join only Macs of your own: they use this one for nothing.'}
          </p>
          <TextField
            name="label"
            label="Name of this Mac"
            value={label}
            onChange={setLabel}
            placeholder="the name of this computer"
            help="What the other side sees."
          />
          <TextField
            name="address"
            label="Address of this Mac"
            value={address}
            onChange={setAddress}
            placeholder="https://mac.example:17474"
            help="Where the other side reaches it. Left empty: where the worker listens, or what you announce."
          />
          {failure && <Problem failure={failure} />}
          <div className="panel-actions">
            <Button onClick={onClose}>Cancel</Button>
            <Button look="primary" type="submit">
              Make the link
            </Button>
          </div>
        </form>
      )}
    </Panel>
  );
}

function MadeInvite({ made, circle, onClose }: { made: InviteMadeView; circle: Circle; onClose: () => void }) {
  return (
    <div className="add-peer">
      <QrCode text={made.link} label="The invite as a QR code" />
      <div className="invite-link">
        <code className="cut" data-testid="invite-link">
          {made.link}
        </code>
        <CopyButton text={made.link} what="Invite link" />
      </div>
      <p className="quiet small">
        For one {circle === 'friend' ? 'person' : 'Mac'}, until {new Date(made.expiresAtMs).toLocaleString()}. It is not
        shown again. Whoever uses it first is shown here, and waits until you say yes.
      </p>
      {made.onlyHere && (
        <Note tone="caution">
          <b>Nobody else can reach this address.</b> The link leads to {made.addresses.join(', ') || 'no address'}: give
          the address where others reach this Mac.
        </Note>
      )}
      <div className="panel-actions">
        <Button look="primary" onClick={onClose}>
          Done
        </Button>
      </div>
    </div>
  );
}
