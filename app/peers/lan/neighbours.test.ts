import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Capacity } from '../../protocol/capacity.ts';
import { createSigner } from '../../protocol/ed25519.ts';
import { createNeighbours } from './neighbours.ts';

const keyOf = () => createSigner(randomBytes(32)).pubkey;
const settle = () => new Promise((resolve) => setImmediate(resolve));

function neighbourhood(prove: (url: string) => boolean = () => true) {
  const asked: string[] = [];
  const ownPubkey = keyOf();
  let nowMs = 1_790_000_000_000;
  const neighbours = createNeighbours({
    lan: { name: 'en0', address: '192.168.1.20', subnet: '192.168.1.0/24' },
    ownPubkey,
    prove({ url }) {
      asked.push(url);
      return prove(url) ? Promise.resolve({ models: ['m'] } as unknown as Capacity) : Promise.reject(new Error('no'));
    },
    nowMs: () => nowMs,
    onChange: () => undefined,
  });
  const hear = async (pubkey: ReturnType<typeof keyOf>, from: string, members: object = {}) => {
    neighbours.hear([{ pubkey, port: 17474, isLeaving: false, ...members }], from);
    await settle();
  };
  return { neighbours, asked, hear, ownPubkey, pass: (ms: number) => (nowMs += ms) };
}

describe('neighbours', () => {
  it('are known when they have proven it, at the address that the packet came from', async () => {
    const { neighbours, hear } = neighbourhood();
    const pubkey = keyOf();
    await hear(pubkey, '192.168.1.30');
    expect(neighbours.proven()).toMatchObject([{ pubkey, url: 'http://192.168.1.30:17474', models: ['m'] }]);
  });

  it('of other networks, at strange ports, and this machine itself are not even asked', async () => {
    const { asked, hear, ownPubkey } = neighbourhood();
    await hear(keyOf(), '192.168.2.30');
    await hear(keyOf(), '8.8.8.8');
    await hear(keyOf(), '192.168.1.30', { port: 22 });
    await hear(keyOf(), '192.168.1.30', { port: 6379 });
    await hear(ownPubkey, '192.168.1.20');
    expect(asked).toEqual([]);
  });

  it('who prove nothing are not shown, and not asked again for every packet', async () => {
    const { neighbours, asked, hear, pass } = neighbourhood(() => false);
    const pubkey = keyOf();
    for (let count = 0; count < 50; count += 1) await hear(pubkey, '192.168.1.30');
    expect([asked.length, neighbours.proven(), neighbours.refused()]).toEqual([1, [], 1]);
    pass(21_000);
    await hear(pubkey, '192.168.1.30');
    expect(asked).toHaveLength(2);
  });

  it('are forgotten at their goodbye or after two and a half minutes of silence, and proven anew after ten', async () => {
    const { neighbours, asked, hear, pass } = neighbourhood();
    const [one, two] = [keyOf(), keyOf()];
    await hear(one, '192.168.1.30');
    await hear(two, '192.168.1.31');
    await hear(one, '192.168.1.31', { isLeaving: true }); // somebody else's goodbye
    expect(neighbours.proven()).toHaveLength(2);
    await hear(one, '192.168.1.30', { isLeaving: true });
    expect(neighbours.proven()).toMatchObject([{ pubkey: two }]);
    for (let minute = 0; minute < 11; minute += 1) {
      pass(60_000);
      await hear(two, '192.168.1.31');
    }
    expect(asked).toHaveLength(3);
    pass(151_000);
    neighbours.expire();
    expect(neighbours.proven()).toEqual([]);
  });

  it('cannot fill the memory', async () => {
    const { neighbours, hear } = neighbourhood();
    for (let count = 0; count < 200; count += 1) await hear(keyOf(), '192.168.1.30');
    expect(neighbours.proven()).toHaveLength(128);
  });
});
