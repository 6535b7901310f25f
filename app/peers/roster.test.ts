import { createHash } from 'node:crypto';
import { MockAgent } from 'undici';
import { expect, it } from 'vitest';
import { createSigner } from '../protocol/ed25519.ts';
import type { Pubkey } from '../protocol/pubkey.ts';
import type { Directory } from './directory.ts';
import type { Peer } from './peer.ts';
import { createRoster } from './roster.ts';

const pubkey = `lob1${'a'.repeat(64)}` as Pubkey;
const peer: Peer = {
  pubkey,
  url: 'http://typed.example:17474',
  label: 'mini',
  blocked: false,
  source: 'static',
  found: { sources: ['tracker'], urls: ['https://found.example'], models: [], announcedAtMs: 0, ttlSeconds: 300 },
};

it('a peer that does not answer at the address the owner typed is asked at the one it announced, and used there', async () => {
  const agent = new MockAgent();
  agent.disableNetConnect();
  const asked: string[] = [];
  const answer = (url: string, status: number) =>
    agent
      .get(url)
      .intercept({ path: '/capacity' })
      .reply(() => {
        asked.push(url);
        const data = { pubkey, models: ['m'], tier: 'batch', concurrency: 1, queueDepth: 0 };
        return { statusCode: status, data: JSON.stringify(data) };
      })
      .persist();
  answer('http://typed.example:17474', 502);
  answer('https://found.example', 200);
  const roster = createRoster({
    signer: createSigner(createHash('sha256').update('roster').digest()),
    dispatcher: agent,
    nowMs: () => 0,
    directory: { list: () => [peer] } as unknown as Directory,
    own: () => undefined,
    onChange: () => undefined,
  });
  const [known] = await roster.fresh();
  expect(known).toMatchObject({ capacity: { models: ['m'] }, peer: { url: 'https://found.example', label: 'mini' } });
  await roster.check(pubkey);
  // The one that answered last is asked first from then on.
  expect(asked).toEqual(['http://typed.example:17474', 'https://found.example', 'https://found.example']);
});
