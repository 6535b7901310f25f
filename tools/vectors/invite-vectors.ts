import { canonicalJson } from '../../app/protocol/canonical-json.ts';
import type { Signer } from '../../app/protocol/ed25519.ts';
import { formatInvite, hashOfSecret, issueInvite, type Invite } from '../../app/protocol/invite.ts';
import { issueRedeem } from '../../app/protocol/redeem.ts';

const T0 = 1_790_000_000_000;
const SECRET = 'ab'.repeat(16);

const fields = {
  circle: 'friend' as const,
  addresses: ['http://mac.example:17474', `iroh:${'cd'.repeat(32)}`],
  label: "Anna's Mac & Söhne",
  inviteId: '12'.repeat(16),
  secret: SECRET,
  expiresAt: T0 + 7 * 24 * 3600_000,
};

export function inviteVectors(inviter: Signer, stranger: Signer) {
  const good = issueInvite(fields, inviter);
  const link = formatInvite(good);
  const signed = (changes: Partial<Record<keyof Invite | 'extra', unknown>>, signer = inviter) => {
    const invite = { ...good.invite, ...changes } as Invite;
    return formatInvite({ invite, signature: signer.sign(canonicalJson(invite)) });
  };
  const here = { ownPubkey: stranger.pubkey, nowMs: T0 };
  const row = (text: unknown, valid: boolean, why: string) => ({ text, valid, why });
  const judged = (changes: Partial<typeof here>, refusal: string | null, why: string) => ({
    ...row(link, true, why),
    invite: good.invite,
    here: { ...here, ...changes },
    refusal,
  });
  return [
    judged({}, null, 'an invite for a friend, with two addresses and a label that needs quoting'),
    judged({ nowMs: fields.expiresAt }, null, 'in its last moment'),
    judged({ nowMs: fields.expiresAt + 1 }, 'expired', 'past its end'),
    judged({ ownPubkey: inviter.pubkey }, 'own', 'redeemed by its own maker'),
    row(`  ${link}\n`, true, 'white space around it, as messengers add'),
    row(signed({ circle: 'device' }), true, 'for a device'),
    row(signed({ addresses: [] }), true, 'without an address'),
    row(signed({ label: '' }), true, 'without a label'),
    row(signed({}, stranger), false, 'signed by another key than the one it names'),
    row(link.replace('as=friend', 'as=device'), false, 'a friend made into a device after it was signed'),
    row(link.replace('mac.example', 'evil.example'), false, 'another address than was signed'),
    row(link.replace(/until=\d+/, `until=${T0 * 2}`), false, 'made to last longer'),
    row(`${link}&as=device`, false, 'a member twice'),
    row(`${link}&tip=1`, false, 'a member that the format does not have'),
    row(link.replace('v=1', 'v=2'), false, 'a version that is not known'),
    row(link.replace('as=friend', 'as=owner'), false, 'a circle that is not known'),
    row(link.replace(/&sig=.*/, ''), false, 'without a signature'),
    row(signed({ secret: 'ab' }), false, 'a secret of one byte'),
    row(signed({ label: 'x'.repeat(41) }), false, 'a label of more than 40 characters'),
    row(signed({ label: 'a\u202eb' }), false, 'a label that turns the text around it'),
    row(signed({ addresses: ['file:///etc/passwd'] }), false, 'an address that is not of the grid'),
    row(signed({ addresses: Array(5).fill('http://a') }), false, 'more than four addresses'),
    row(signed({ expiresAt: 1.5 }), false, 'half a millisecond'),
    row(link.replace('lobstah:invite?', 'https://lobstah.example/invite?'), false, 'a web address'),
    row('lobstah:invite?', false, 'nothing in it'),
    row('', false, 'empty'),
    row(null, false, 'nothing'),
  ];
}

export function redeemVectors(inviter: Signer, requester: Signer, stranger: Signer) {
  const secretHash = hashOfSecret(SECRET);
  const asked = {
    circle: 'friend' as const,
    inviteId: fields.inviteId,
    inviterPubkey: inviter.pubkey,
    addresses: ['http://10.0.0.7:17474'],
    label: 'Ben',
    issuedAt: T0,
  };
  const good = issueRedeem(asked, secretHash, requester);
  const here = { inviterPubkey: inviter.pubkey, nowMs: T0 };
  const row = (signed: unknown, valid: boolean, proves: boolean, why: string, changes: object = {}) => ({
    signed,
    here: { ...here, ...changes },
    secretHash,
    valid,
    proves,
    why,
  });
  const { redeem, proof } = good;
  return [
    row(good, true, true, 'whoever holds the link asks its maker'),
    row(issueRedeem(asked, hashOfSecret('00'.repeat(16)), requester), true, false, 'with a secret that is guessed'),
    row(
      { redeem: { ...redeem, requesterPubkey: stranger.pubkey }, proof, signature: good.signature },
      false,
      false,
      'the proof of somebody else under another key',
    ),
    row(
      {
        redeem: { ...redeem, requesterPubkey: stranger.pubkey },
        proof,
        signature: stranger.sign(canonicalJson({ redeem: { ...redeem, requesterPubkey: stranger.pubkey }, proof })),
      },
      true,
      false,
      'the same, signed by that key: the proof is bound to the key',
    ),
    row(good, false, false, 'shown to another inviter', { inviterPubkey: stranger.pubkey }),
    row(good, false, false, 'older than five minutes', { nowMs: T0 + 300_001 }),
    row(good, false, false, 'more than five minutes ahead', { nowMs: T0 - 300_001 }),
    row(issueRedeem(asked, secretHash, inviter), false, false, 'by the maker of the invite'),
    row({ ...good, redeem: { ...redeem, circle: 'device' } }, false, false, 'made into a device on the way'),
    row({ ...good, signature: stranger.sign(canonicalJson({ redeem, proof })) }, false, false, 'signed by another key'),
    row({ ...good, secret: SECRET }, false, false, 'a member that the format does not have'),
    row({ redeem, proof }, false, false, 'without a signature'),
    row(null, false, false, 'nothing'),
  ];
}
