import { request, type Dispatcher } from 'undici';
import type { Signer } from '../protocol/ed25519.ts';
import { asGridError, GridError, isGridErrorCode } from '../protocol/errors.ts';
import { issueRedeem, verifyRedeemAnswer, type RedeemState, type SignedRedeem } from '../protocol/redeem.ts';
import { requestUrl } from '../protocol/overlay-address.ts';
import type { AskedInvite } from './friends-file.ts';
import { parsePeerAddress } from './peer.ts';
import { unreachableSentence } from './probe.ts';

const TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 16 * 1024;

export interface RedeemDeps {
  readonly signer: Signer;
  readonly dispatcher: Dispatcher;
  readonly nowMs: () => number;
}

/**
 * Shows the proof to the maker of an invite, at one of its addresses after the other. The same may be asked again: the answer
 * says what became of it.
 * @throws GridError invite_invalid, invite_expired, invite_used, peer_unreachable, peer_misbehaved, rate_limited
 */
export async function redeemInvite(asked: AskedInvite, deps: RedeemDeps): Promise<{ state: RedeemState; url: string }> {
  const { circle, inviteId, inviterPubkey } = asked;
  const urls = asked.addresses.flatMap((address) => {
    const parsed = parsePeerAddress(address, inviterPubkey);
    return 'url' in parsed ? [parsed.url] : [];
  });
  let problem = new GridError('peer_unreachable', 'The invite names no address that can be dialled from here.');
  for (const url of urls) {
    const signed = issueRedeem(
      {
        circle,
        inviteId,
        inviterPubkey,
        addresses: asked.ownAddresses,
        label: asked.ownLabel,
        issuedAt: deps.nowMs(),
      },
      asked.secretHash,
      deps.signer,
    );
    try {
      return { state: await ask(url, signed, deps.dispatcher), url };
    } catch (thrown) {
      problem = asGridError(thrown, 'peer_unreachable');
      // Its maker has spoken: another way to the same maker changes nothing.
      if (problem.code !== 'peer_unreachable' && problem.code !== 'peer_misbehaved') throw problem;
    }
  }
  throw problem;
}

async function ask(url: string, signed: SignedRedeem, dispatcher: Dispatcher): Promise<RedeemState> {
  const json = await post(url, signed, dispatcher);
  const state = verifyRedeemAnswer(json, signed);
  if (!state) throw new GridError('peer_misbehaved', 'Somebody else answers at the address of the invite.');
  return state;
}

async function post(url: string, signed: SignedRedeem, dispatcher: Dispatcher): Promise<unknown> {
  let status: number;
  let text = '';
  try {
    const response = await request(requestUrl(url, '/v1/friends/redeem'), {
      method: 'POST',
      dispatcher,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(signed),
    });
    status = response.statusCode;
    for await (const chunk of response.body.setEncoding('utf8')) {
      text += chunk as string;
      if (text.length > MAX_ANSWER_BYTES) {
        response.body.destroy();
        throw new GridError('peer_misbehaved');
      }
    }
  } catch (error) {
    if (error instanceof GridError) throw error;
    throw new GridError('peer_unreachable', unreachableSentence(error), { cause: error });
  }
  const json = parsed(text);
  if (status === 200) return json;
  const type = (json as { error?: { type?: unknown } } | null | undefined)?.error?.type;
  if (isGridErrorCode(type) && REFUSALS.has(type)) throw new GridError(type);
  throw new GridError('peer_misbehaved', `The maker of the invite answers with status ${status}.`);
}

const REFUSALS = new Set<string>(['invite_invalid', 'invite_expired', 'invite_used', 'rate_limited']);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
