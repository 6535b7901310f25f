import type { Dispatcher } from 'undici';

/** One way to dial for everybody: addresses that the owner typed wherever they lead, those of strangers behind the guard. */
export function createPeerDispatcher(deps: {
  open: Dispatcher;
  guarded: Dispatcher;
  isTyped: (origin: string) => boolean;
}): Dispatcher {
  return deps.open.compose(
    (dispatch) => (options, handler) =>
      deps.isTyped(String(options.origin)) ? dispatch(options, handler) : deps.guarded.dispatch(options, handler),
  );
}
