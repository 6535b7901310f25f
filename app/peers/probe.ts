import { request, type Dispatcher } from 'undici';
import { parseCapacity, type Capacity } from '../protocol/capacity.ts';
import type { Signer } from '../protocol/ed25519.ts';
import { GridError } from '../protocol/errors.ts';
import { encodeHeaderJson, HELLO_HEADER, REQUESTER_HEADER } from '../protocol/headers.ts';
import { issueHello } from '../protocol/hello.ts';
import { requestUrl } from '../protocol/overlay-address.ts';
import type { Peer } from './peer.ts';

/** v1: a peer that does not tell its capacity within two seconds is not asked for more. */
const PROBE_TIMEOUT_MS = 2_000;
const MAX_CAPACITY_BYTES = 1024 * 1024;

export interface ProbeDeps {
  readonly signer: Signer;
  readonly dispatcher: Dispatcher;
  readonly nowMs: () => number;
}

/**
 * GET /capacity of a peer, with a proof of who looks.
 * @throws GridError peer_unreachable | peer_misbehaved
 */
export async function probe(peer: Peer, deps: ProbeDeps): Promise<{ capacity: Capacity; latencyMs: number }> {
  const startedMs = performance.now();
  const text = await fetchText(peer, deps);
  const latencyMs = performance.now() - startedMs;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new GridError('peer_misbehaved', 'The peer does not speak the protocol of Lobstah.', { cause: error });
  }
  const capacity = parseCapacity(json);
  if (!capacity) throw new GridError('peer_misbehaved', 'The peer does not speak the protocol of Lobstah.');
  if (capacity.pubkey !== peer.pubkey)
    throw new GridError('peer_misbehaved', 'Somebody else answers at this address: the key is not the one expected.');
  return { capacity, latencyMs };
}

async function fetchText(peer: Peer, deps: ProbeDeps): Promise<string> {
  const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS);
  try {
    const { statusCode, body } = await request(requestUrl(peer.url, '/capacity'), {
      dispatcher: deps.dispatcher,
      signal,
      headers: {
        [REQUESTER_HEADER]: deps.signer.pubkey,
        [HELLO_HEADER]: encodeHeaderJson(issueHello(peer.pubkey, deps.nowMs(), deps.signer)),
      },
    });
    if (statusCode !== 200) {
      await body.dump();
      throw new GridError('peer_misbehaved', `The peer answers with status ${statusCode}.`);
    }
    let text = '';
    for await (const chunk of body.setEncoding('utf8')) {
      text += chunk as string;
      if (text.length > MAX_CAPACITY_BYTES) {
        body.destroy();
        throw new GridError('peer_misbehaved', 'The peer answers with more than 1 MB.');
      }
    }
    return text;
  } catch (error) {
    if (error instanceof GridError) throw error;
    throw new GridError('peer_unreachable', unreachableSentence(error), { cause: error });
  }
}

export function unreachableSentence(error: unknown): string {
  if (error instanceof GridError) return error.message;
  const { code, name } = (error ?? {}) as { code?: string; name?: string };
  if (name === 'TimeoutError' || code === 'UND_ERR_CONNECT_TIMEOUT') return 'The peer does not answer in time.';
  if (code === 'ECONNREFUSED') return 'Nothing listens at the address of the peer.';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'The name in the address of the peer is not known.';
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH') return 'There is no way to the address of the peer.';
  return `The peer cannot be reached (${code ?? name ?? 'unknown reason'}).`;
}
