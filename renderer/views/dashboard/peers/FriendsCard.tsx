import { useState } from 'react';
import type { Circle, FriendView, PendingFriendView } from '../../../../app/contract/snapshot.ts';
import { formatShortKey } from '../../../format/keys.ts';
import { formatCount, formatNumberOf } from '../../../format/numbers.ts';
import { formatAgo } from '../../../format/times.ts';
import { useSnapshot } from '../../../state/app-context.tsx';
import { showDone } from '../../../state/toasts.ts';
import { useCommand } from '../../../state/use-command.ts';
import { Badge } from '../../../ui/Badge.tsx';
import { Button } from '../../../ui/Button.tsx';
import { Card } from '../../../ui/Card.tsx';
import { NumberInput } from '../../../ui/NumberInput.tsx';
import { Switch } from '../../../ui/Switch.tsx';
import { AcceptInvite } from './AcceptInvite.tsx';
import { MakeInvite } from './MakeInvite.tsx';
import './friends.css';

const MOST_TOKENS = 1_000_000_000;
const STEP_TOKENS = 10_000;

/** Friends and own devices: who waits, who is there with which limit, and whether anybody else is served. */
export function FriendsCard() {
  const { friends, pending, asked, invites, friendsOnly } = useSnapshot((snapshot) => snapshot.friends);
  const nowMs = useSnapshot((snapshot) => Math.floor(snapshot.nowMs / 60_000)) * 60_000;
  const [making, setMaking] = useState<Circle | null>(null);
  const [isAccepting, setIsAccepting] = useState(false);
  const command = useCommand();

  return (
    <Card flush label="Friends and devices" className="friends-card">
      <div className="card-row friends-head">
        <div>
          <h2 className="strong">Friends and devices</h2>
          <p>Friends may use this Mac up to a limit of their own. Your own other Macs are free, and asked first.</p>
        </div>
        <div className="friends-actions">
          <Button onClick={() => setIsAccepting(true)}>Use an invite</Button>
          <Button onClick={() => setMaking('device')}>Add a device</Button>
          <Button onClick={() => setMaking('friend')}>Invite a friend</Button>
        </div>
      </div>
      <div className="friends-list">
        {pending.map((one) => (
          <PendingRow key={`${one.circle} ${one.pubkey}`} one={one} nowMs={nowMs} />
        ))}
        {asked.map(({ inviteId, label, circle, atMs }) => (
          <div key={inviteId} className="card-row" role="status">
            <div>
              <b className="strong">{label}</b>
              <p>
                Asked {formatAgo(atMs, nowMs)}.{' '}
                {circle === 'device' ? 'Confirm it on that Mac.' : 'They have to say yes.'}
              </p>
            </div>
            <Button
              small
              aria-label={`Stop waiting for ${label}`}
              onClick={() => void command('forgetInvite', { inviteId })}
            >
              Stop waiting
            </Button>
          </div>
        ))}
        {friends.map((friend) => (
          <FriendRow key={friend.pubkey} friend={friend} />
        ))}
        {invites.length > 0 && (
          <div className="card-row">
            <p className="quiet">{formatNumberOf(invites.length, 'open invite')}: nobody has used it yet.</p>
            <Button
              small
              onClick={() => {
                for (const { inviteId } of invites) void command('withdrawInvite', { inviteId });
              }}
            >
              Withdraw
            </Button>
          </div>
        )}
      </div>
      <div className="card-row">
        <div>
          <b className="strong">Friends and devices only</b>
          <p id="friends-only">
            Strangers are refused, trackers and IdleClaw servers hear nothing of this Mac. What runs now is finished.
          </p>
        </div>
        <Switch
          label="Friends and devices only"
          describedBy="friends-only"
          checked={friendsOnly}
          onChange={(on) => void command('setFriendsOnly', { on })}
        />
      </div>
      <MakeInvite circle={making} onClose={() => setMaking(null)} />
      <AcceptInvite open={isAccepting} onClose={() => setIsAccepting(false)} />
    </Card>
  );
}

function PendingRow({ one, nowMs }: { one: PendingFriendView; nowMs: number }) {
  const command = useCommand();
  const { pubkey, circle, label, addresses, atMs } = one;
  const name = label === '' ? formatShortKey(pubkey) : label;
  const decide = async (yes: boolean) => {
    if ((await command(yes ? 'confirmFriend' : 'refuseFriend', { pubkey, circle })) === undefined) return;
    showDone(yes ? `${name} is ${circle === 'device' ? 'joined' : 'a friend'} now` : `${name} was refused`);
  };
  return (
    <div className="card-row friend-pending" data-testid="pending-friend">
      <div>
        <b className="strong">
          {circle === 'device' ? `Is ‘${name}’ a Mac of yours?` : `‘${name}’ wants to be your friend`}
        </b>
        <p title={pubkey}>
          {formatShortKey(pubkey)} used your invite {formatAgo(atMs, nowMs)}
          {addresses.length > 0 && `, and is asked at ${addresses.join(', ')} when you say yes`}. The name is what it
          calls itself: say yes only if you know that it was them.
        </p>
      </div>
      <div className="friends-actions">
        <Button small aria-label={`Refuse ${name}`} onClick={() => void decide(false)}>
          Refuse
        </Button>
        <Button small look="primary" aria-label={`Confirm ${name}`} onClick={() => void decide(true)}>
          Confirm
        </Button>
      </div>
    </div>
  );
}

function FriendRow({ friend }: { friend: FriendView }) {
  const command = useCommand();
  const { pubkey, circle, label, tokensPerDay, usedToday, untilMs } = friend;
  const remove = async () => {
    if ((await command('removeFriend', { pubkey })) !== undefined) showDone(`${label} is a stranger again`);
  };
  return (
    <div className="card-row" data-testid="friend">
      <div>
        <b className="strong">{label}</b> <Badge tone={circle === 'device' ? 'good' : 'neutral'}>{circle}</Badge>
        <p title={pubkey}>
          {formatShortKey(pubkey)} ·{' '}
          {circle === 'device' ? 'free both ways' : `${formatCount(usedToday)} tokens of its limit used today`}
          {untilMs !== null && ` · until ${new Date(untilMs).toLocaleDateString()}`}
        </p>
      </div>
      <div className="friends-actions">
        {circle === 'friend' && (
          <NumberInput
            label={`Tokens a day for ${label}`}
            value={tokensPerDay}
            min={0}
            max={MOST_TOKENS}
            step={STEP_TOKENS}
            onCommit={(value) => void command('changeFriend', { pubkey, tokensPerDay: value })}
          />
        )}
        <Button small aria-label={`Remove ${label}`} onClick={() => void remove()}>
          Remove
        </Button>
      </div>
    </div>
  );
}
