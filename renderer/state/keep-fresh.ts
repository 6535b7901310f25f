import type { Bridge } from '../../app/contract/bridge.ts';
import { acceptSnapshot, type MirrorStore } from './mirror-store.ts';

/** Peers come and go without telling: asking for a snapshot makes the grid look again at what it has not looked at for long. */
const ASK_MS = 15_000;

/** Asks now and then while the page can be seen, and at once when it is seen again. A hidden page asks for nothing. */
export function keepFresh(store: MirrorStore, bridge: Bridge, page: Document): void {
  const ask = () => {
    if (page.visibilityState !== 'visible') return;
    bridge.snapshot().then(
      (snapshot) => acceptSnapshot(store, snapshot),
      () => undefined, // the connection state tells when nobody answers
    );
  };
  let timer: ReturnType<typeof setInterval> | undefined;
  const watch = () => {
    clearInterval(timer);
    if (page.visibilityState !== 'visible') return;
    ask();
    timer = setInterval(ask, ASK_MS);
  };
  page.addEventListener('visibilitychange', watch);
  if (page.visibilityState === 'visible') timer = setInterval(ask, ASK_MS);
}
