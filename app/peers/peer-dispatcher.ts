import type { Dispatcher } from 'undici';

/**
 * One way to dial for everybody: addresses that the owner typed wherever they lead, neighbours that proved themselves within the
 * local network, those of strangers behind the guard.
 */
export function createPeerDispatcher(deps: {
  open: Dispatcher;
  guarded: Dispatcher;
  isTyped: (origin: string) => boolean;
  neighbours: Dispatcher;
  isNeighbour: (origin: string) => boolean;
}): Dispatcher {
  return deps.open.compose((dispatch) => (options, handler) => {
    const origin = String(options.origin);
    if (deps.isTyped(origin)) return dispatch(options, handler);
    return (deps.isNeighbour(origin) ? deps.neighbours : deps.guarded).dispatch(options, handler);
  });
}
