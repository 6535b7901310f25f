import { randomBytes } from 'node:crypto';
import { request, type Dispatcher } from 'undici';
import { parseCapacity, type Capacity } from '../../protocol/capacity.ts';
import type { Signer } from '../../protocol/ed25519.ts';
import { GridError } from '../../protocol/errors.ts';
import {
  CHALLENGE_HEADER,
  decodeHeaderJson,
  encodeHeaderJson,
  HELLO_HEADER,
  PROOF_HEADER,
} from '../../protocol/headers.ts';
import { issueHello } from '../../protocol/hello.ts';
import { isProof } from '../../protocol/proof.ts';
import type { Pubkey } from '../../protocol/pubkey.ts';
import { unreachableSentence } from '../probe.ts';

const LIMIT_MS = 3_000;
const MAX_BYTES = 256 * 1024;

/**
 * Asks an address that mDNS named for a proof that the key it claims is there, at this address, now.
 * @throws GridError peer_unreachable | peer_misbehaved | peer_address_refused
 */
export async function proveNeighbour(
  claimed: { url: string; pubkey: Pubkey },
  deps: { signer: Signer; dispatcher: Dispatcher; nowMs: () => number },
): Promise<Capacity> {
  const challenge = randomBytes(16).toString('hex');
  const { url, pubkey } = claimed;
  const { proof, body } = await fetchCapacity(url, deps.dispatcher, {
    [CHALLENGE_HEADER]: challenge,
    [HELLO_HEADER]: encodeHeaderJson(issueHello(pubkey, deps.nowMs(), deps.signer)),
  });
  if (!isProof(decodeHeaderJson(proof), { workerPubkey: pubkey, challenge, address: new URL(url).host }))
    throw new GridError('peer_misbehaved', 'Whoever answers at this address does not prove the key it claims.');
  const capacity = parseCapacity(parseJson(body));
  if (capacity?.pubkey !== pubkey)
    throw new GridError('peer_misbehaved', 'The peer does not speak the protocol of Lobstah.');
  return capacity;
}

async function fetchCapacity(
  url: string,
  dispatcher: Dispatcher,
  headers: Record<string, string>,
): Promise<{ proof: unknown; body: string }> {
  try {
    const answer = await request(`${url}/capacity`, { dispatcher, headers, signal: AbortSignal.timeout(LIMIT_MS) });
    let body = '';
    for await (const part of answer.body.setEncoding('utf8')) {
      body += part as string;
      if (body.length > MAX_BYTES) throw new GridError('peer_misbehaved', 'The peer answers with more than 256 kB.');
    }
    if (answer.statusCode !== 200)
      throw new GridError('peer_misbehaved', `The peer answers with status ${answer.statusCode}.`);
    return { proof: answer.headers[PROOF_HEADER], body };
  } catch (error) {
    if (error instanceof GridError) throw error;
    throw new GridError('peer_unreachable', unreachableSentence(error), { cause: error });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
