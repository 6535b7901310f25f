import { describe, expect, it } from 'vitest';
import { chat, startTestGrid, until, type TestGrid, type TestGridOptions } from './test-grid.ts';

const ON = { overlay: { state: 'on', relay: 'none', relayOnly: false } };

/** The overlay address of a grid of this process, with a loopback hint: there is no relay and no lookup here. */
function loopbackAddress({ grid }: TestGrid): string {
  const { overlay } = grid.snapshot();
  if (overlay.state !== 'on' || overlay.address === null) throw new Error(JSON.stringify(overlay));
  const port = /at=[^&]*?:(\d+)/.exec(overlay.address)?.[1];
  return `${overlay.address.split('?')[0]}?at=127.0.0.1:${port}`;
}

async function startPair(worker: Partial<TestGridOptions> = {}) {
  const serving = await startTestGrid({ roles: 'worker', settings: ON, ...worker });
  const asking = await startTestGrid({
    roles: 'router',
    settings: ON,
    peers: [{ pubkey: serving.grid.pubkey, url: loopbackAddress(serving) }],
  });
  return { serving, asking };
}

describe('over the overlay', () => {
  it('a chat streams by key, both books hold the same receipt, and the path is shown', async () => {
    const { serving, asking } = await startPair();
    await using _serving = serving;
    await using _asking = asking;
    const answer = await chat(asking.api);
    expect(answer).toMatchObject({ status: 200, done: true });
    expect(answer.content).not.toBe('');
    await until(() => asking.books.totals().spentMicro > 0, 'the receipt is in the ledger');
    expect(asking.books.totals().spentMicro).toBe(serving.books.totals().earnedMicro);
    expect(serving.books.tabMicro(asking.signer.pubkey)).toBe(serving.books.totals().earnedMicro);
    expect(asking.grid.snapshot().peers[0]).toMatchObject({ state: 'reachable', path: 'direct' });
    expect(asking.grid.snapshot().peers[0]?.rttMs).toBeTypeOf('number');
  });
});
