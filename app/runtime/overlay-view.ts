import type { OverlayView } from '../contract/snapshot.ts';
import type { OverlayWish } from '../overlay/open-endpoint.ts';
import type { OverlayState } from '../overlay/overlay.ts';

/** The overlay in words. Pure. */
export function overlayView(wish: OverlayWish, state: OverlayState): OverlayView {
  if (wish.state === 'off') return { state: 'off' };
  const { relay, relayOnly, port } = wish;
  const view = {
    state: 'on' as const,
    relay,
    relayOnly,
    port,
    address: null,
    relayUrl: null,
    connections: 0,
    problem: null,
  };
  if (state.state === 'failed')
    return { ...view, sentence: state.problem.message, problem: `${state.problem.message} ${state.problem.hint}` };
  if (state.state !== 'on') return { ...view, sentence: 'Starting …' };
  const relayUrl = state.relayUrl ?? null;
  return {
    ...view,
    address: state.address,
    relayUrl,
    connections: state.connections,
    sentence: `${reachSentence(relay, relayUrl)} ${countSentence(state.connections)}`,
  };
}

function reachSentence(relay: string, relayUrl: string | null): string {
  if (relay === 'none') return 'Reachable by key at the addresses of this Mac, without a relay.';
  if (relayUrl === null) return 'Looking for the relay …';
  return `Reachable by key through the relay ${new URL(relayUrl).host}.`;
}

function countSentence(connections: number): string {
  if (connections === 0) return 'No peer is connected right now.';
  return connections === 1 ? 'One peer is connected.' : `${connections} peers are connected.`;
}
