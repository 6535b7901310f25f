import { describe, expect, it } from 'vitest';
import { GridError } from '../protocol/errors.ts';
import { overlayView } from './overlay-view.ts';

const wish = (relay: string) => ({ state: 'on' as const, relay, relayOnly: false, port: 0 });
const running = { state: 'on' as const, address: 'iroh:x', relayUrl: undefined, connections: 0 };

describe('the overlay in words', () => {
  it('off says nothing', () => expect(overlayView({ state: 'off' }, { state: 'off' })).toEqual({ state: 'off' }));
  it.each([
    [wish('public'), running, 'Looking for the relay … No peer is connected right now.'],
    [
      wish('https://relay.example'),
      { ...running, relayUrl: 'https://relay.example', connections: 1 },
      'Reachable by key through the relay relay.example. One peer is connected.',
    ],
    [
      wish('none'),
      { ...running, connections: 3 },
      'Reachable by key at the addresses of this Mac, without a relay. 3 peers are connected.',
    ],
  ])('%j', (wanted, state, sentence) => {
    expect(overlayView(wanted, state)).toMatchObject({ state: 'on', sentence, problem: null });
  });
  it('a system without iroh is told what still works', () => {
    const problem = new GridError('overlay_unavailable');
    expect(overlayView(wish('public'), { state: 'failed', problem })).toMatchObject({
      problem: expect.stringContaining('http and https addresses'),
      address: null,
    });
  });
});
