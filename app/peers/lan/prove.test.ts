import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomBytes } from 'node:crypto';
import { Agent, request } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import { createSigner } from '../../protocol/ed25519.ts';
import { CHALLENGE_HEADER, encodeHeaderJson, PROOF_HEADER } from '../../protocol/headers.ts';
import { answerChallenge } from '../../protocol/proof.ts';
import { proveNeighbour } from './prove.ts';

const worker = createSigner(randomBytes(32));
const asker = createSigner(randomBytes(32));
const capacity = { pubkey: worker.pubkey, models: ['m'], tier: 'interactive', concurrency: 1, queueDepth: 0 };
const dispatcher = new Agent();
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

async function serve(
  answer: (headers: IncomingHttpHeaders) => Promise<{ proof?: string | undefined; body?: unknown }>,
): Promise<string> {
  const server = createServer((incoming, response) => {
    void answer(incoming.headers).then(({ proof, body = capacity }) =>
      response.writeHead(200, proof === undefined ? {} : { [PROOF_HEADER]: proof }).end(JSON.stringify(body)),
    );
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const honest = (headers: IncomingHttpHeaders) =>
  Promise.resolve({ proof: encodeHeaderJson(answerChallenge(headers[CHALLENGE_HEADER], headers.host, worker)) });
const prove = (url: string) =>
  proveNeighbour({ url, pubkey: worker.pubkey }, { signer: asker, dispatcher, nowMs: Date.now });

describe('a neighbour', () => {
  it('proves its key by signing the challenge and the address', async () => {
    expect(await prove(await serve(honest))).toMatchObject({ models: ['m'] });
  });

  it('that only says the key proves nothing', async () => {
    await expect(prove(await serve(() => Promise.resolve({})))).rejects.toMatchObject({ code: 'peer_misbehaved' });
  });

  it('that signs with another key, or shows an old proof, proves nothing', async () => {
    const thief = createSigner(randomBytes(32));
    const old = encodeHeaderJson(answerChallenge('a'.repeat(32), '127.0.0.1:1', worker));
    const wrongKey = await serve((headers) =>
      Promise.resolve({ proof: encodeHeaderJson(answerChallenge(headers[CHALLENGE_HEADER], headers.host, thief)) }),
    );
    await expect(prove(wrongKey)).rejects.toMatchObject({ code: 'peer_misbehaved' });
    await expect(prove(await serve(() => Promise.resolve({ proof: old })))).rejects.toMatchObject({
      code: 'peer_misbehaved',
    });
  });

  it('that passes the challenge on to the real one proves nothing: the address is another', async () => {
    const real = await serve(honest);
    const forwarder = await serve(async (headers) => {
      const answer = await request(real, { headers: { [CHALLENGE_HEADER]: String(headers[CHALLENGE_HEADER]) } });
      await answer.body.dump();
      return { proof: String(answer.headers[PROOF_HEADER]) };
    });
    await expect(prove(forwarder)).rejects.toMatchObject({ code: 'peer_misbehaved' });
  });

  it('signs nothing but challenges', () => {
    for (const junk of [undefined, '', 'A'.repeat(32), 'a'.repeat(31), ['a'.repeat(32)], 'lobstah-order'])
      expect(answerChallenge(junk, 'host:1', worker)).toBeUndefined();
  });
});
