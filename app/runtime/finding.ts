import type { Dispatcher } from 'undici';
import type { FindingView } from '../contract/snapshot.ts';
import type { AddressPolicy } from '../http/public-address.ts';
import { createAnnouncer, type AnnounceWish } from '../peers/announcer.ts';
import { createFoundList, type FoundList } from '../peers/sources/found-list.ts';
import { createTrackerSync, type TrackerSyncWish } from '../peers/tracker-sync.ts';
import type { SignedReceipt } from '../protocol/receipt.ts';
import type { EngineWatch } from './engine-watch.ts';
import { announceView, trackerSyncView } from './finding-view.ts';
import type { GridParts } from './grid-parts.ts';
import { createLanFinding } from './lan-finding.ts';
import type { LanListeners } from './lan-listeners.ts';
import { createNostrFinding } from './nostr-finding.ts';
import { watchFile } from './watch-file.ts';

/** Being found and finding others: each opt-in off until the owner turned it on, and off means that nobody is connected to. */
export interface Finding {
  /** Settings, sharing or models may have changed. */
  look(): void;
  view(): FindingView;
  /** Published on Nostr only if the owner asked for just that. */
  publishReceipt(receipt: SignedReceipt): void;
  /** Takes back what was announced, and looks no more. Safe to call twice. */
  stop(): Promise<void>;
}

type FindingDeps = Pick<GridParts, 'config' | 'signer' | 'settings' | 'directory' | 'sharing' | 'nowMs'> & {
  /** for addresses that the owner typed: trackers are */
  readonly dispatcher: Dispatcher;
  readonly policy: () => AddressPolicy;
  readonly nostrSecretKey: Uint8Array;
  /** dials neighbours and nobody else */
  readonly neighbours: Dispatcher;
  readonly lanList: FoundList;
  readonly serveAt: LanListeners['serveAt'];
  readonly engineWatch: EngineWatch;
  readonly stopping: AbortSignal;
  readonly onChange: () => void;
};

const after = (ms: number, then: () => void): (() => void) => {
  const timer = setTimeout(then, ms).unref();
  return () => clearTimeout(timer);
};

export function createFinding(deps: FindingDeps): Finding {
  const { config, settings, signer, nowMs, dispatcher, onChange } = deps;
  // A machine that waits for its owner to leave stays announced: trackers are not to learn when somebody sits at it.
  const isSharing = () => !['off', 'paused'].includes(deps.sharing(nowMs()).state);
  const announceWish = (): AnnounceWish =>
    config.worker ? (config.worker.announce ?? settings.current().announce) : { state: 'off' };
  const syncWish = (): TrackerSyncWish => (config.router ? settings.current().trackerSync : { state: 'off' });
  let takeBack: () => void = () => undefined;
  let stopped: Promise<void> | undefined;

  async function offer() {
    const { models } = await deps.engineWatch.look();
    const { sharing, worker } = settings.current();
    const shared = models.filter(({ name, ownUseOnly }) => !ownUseOnly && !sharing.unsharedModels.includes(name));
    return { models: shared.map(({ name }) => name), tier: worker.tier };
  }
  const here = {
    signer,
    settings: settings.current,
    serves: config.worker !== undefined && config.worker.listens !== false,
    asks: config.router !== undefined,
    isSharing,
    nowMs,
    after,
    onChange,
    random: Math.random,
  };

  const announcer = createAnnouncer({
    signer,
    dispatcher,
    nowMs,
    after,
    onChange,
    random: Math.random,
    wish: () => (isSharing() ? announceWish() : { state: 'off' }),
    offer,
  });
  const list = createFoundList({ name: 'tracker', nowMs, onChange });
  const nostrList = createFoundList({ name: 'nostr', nowMs, onChange });
  const disconnect = [list, nostrList, deps.lanList].map((source) => deps.directory.connect(source));
  const sync = createTrackerSync({
    wish: syncWish,
    dispatcher,
    list,
    policy: deps.policy,
    ownPubkey: signer.pubkey,
    nowMs,
    after,
    onChange,
    random: Math.random,
  });

  const nostr = createNostrFinding({
    ...here,
    nostrSecretKey: deps.nostrSecretKey,
    offer,
    list: nostrList,
    policy: deps.policy,
  });
  const lan = createLanFinding({ ...here, dispatcher: deps.neighbours, list: deps.lanList, serveAt: deps.serveAt });

  function look(): void {
    if (stopped) return;
    takeBack();
    onChange();
    announcer.look();
    sync.look();
    nostr.look();
    lan.look();
    // A pause ends by itself.
    const { untilMs } = deps.sharing(nowMs());
    if (untilMs !== undefined) takeBack = after(Math.min(Math.max(0, untilMs - nowMs()) + 1, 3600_000), look);
  }
  const unwatch = watchFile(config.home.settingsFile, () => {
    settings.lookAgain();
    look();
  });

  function stop(): Promise<void> {
    stopped ??= (async () => {
      takeBack();
      unwatch();
      await Promise.all([announcer.stop(), sync.stop(), nostr.stop(), lan.stop()]);
      for (const end of disconnect) end();
    })();
    return stopped;
  }
  // Before running answers have ended: nobody is sent to a worker that is stopping.
  deps.stopping.addEventListener('abort', () => void stop());

  return {
    look,
    view: () => ({
      announce: announceView(announceWish(), announcer.states(), isSharing()),
      trackerSync: trackerSyncView(syncWish(), sync.states()),
      nostr: nostr.view(),
      lan: lan.view(),
    }),
    publishReceipt: nostr.publishReceipt,
    stop,
  };
}
