import type { RequestListener } from 'node:http';
import type { Logger } from 'pino';
import type { EventName, Events } from '../contract/events.ts';
import type { GridHost } from '../contract/grid-host.ts';
import type { GridSnapshot } from '../contract/snapshot.ts';
import { createPeerDispatcher } from '../peers/peer-dispatcher.ts';
import type { Peer } from '../peers/peer.ts';
import { createRoster } from '../peers/roster.ts';
import type { Pubkey } from '../protocol/pubkey.ts';
import type { SharingDecision } from '../sharing/decide.ts';
import { createCommands } from './commands/commands.ts';
import { listenControlServer, type ControlServer } from './control/control-server.ts';
import { listenControlSocket } from './control/control-socket.ts';
import { openFoundation, type Lifetime } from './foundation.ts';
import type { GridConfig, GridOverrides } from './grid-config.ts';
import { LiveJobTable } from './live-job-table.ts';
import { startGuest } from './guest/start-guest.ts';
import type { WorkerDoor } from './guest/worker-door.ts';
import { createEngineWatch } from './engine-watch.ts';
import { createModelDownload } from './model-download.ts';
import { createReach } from './reach.ts';
import { createRegistry } from './registry.ts';
import { createOpenclawConnection } from './openclaw-connection.ts';
import { createNews } from './news.ts';
import type { Contributing } from './idleclaw/contribute.ts';
import { recently, runningUrl } from './roles.ts';
import { createSnapshots } from './snapshots.ts';
import { startRouter } from './start-router.ts';
import { startWorker } from './start-worker.ts';
import { createFoundList } from '../peers/sources/found-list.ts';
import { createFinding, type Finding } from './finding.ts';
import { createLanListeners } from './lan-listeners.ts';
import { invitersOf, startFriends, withInviters } from './start-friends.ts';

export interface Grid extends GridHost {
  readonly pubkey: Pubkey;
  readonly identityCreated: boolean;
  readonly workerUrl: string | undefined;
  readonly routerUrl: string | undefined;
  /** Looks at engine and peers first, so that nothing in it is from before. */
  look(): Promise<GridSnapshot>;
  /** the pages for a browser, where the config asks for them */
  readonly dashboard: ControlServer | undefined;
  /** Ends running answers for at most `drainMs`, then everything else. Safe to call twice. */
  stop(drainMs?: number): Promise<void>;
  /** resolves when a command asked this process to end */
  readonly quitRequested: Promise<void>;
}

/**
 * Builds and starts everything of one Lobstah that the config asks for. When a step fails, what was started before it is
 * stopped again.
 * @throws GridError home_unwritable, identity_unreadable, peers_unreadable, settings_unreadable, already_running, database_…,
 *   port_taken
 */
export async function startGrid(config: GridConfig, overrides: GridOverrides = {}): Promise<Grid> {
  const undo: (() => Promise<unknown> | void)[] = [];
  let stopped: Promise<void> | undefined;
  const stopping = new AbortController();
  const servers: Lifetime['servers'] = [];
  const stop = (drainMs = 0): Promise<void> => {
    stopped ??= (async () => {
      stopping.abort();
      // Pages that look on are no answers to wait for.
      await Promise.all(servers.map(({ server, drains }) => server.close(drains ? drainMs : 0)));
      for (const step of undo.reverse()) await step();
    })();
    return stopped;
  };
  try {
    return await build(config, overrides, { undo, stopping, servers, stop });
  } catch (error) {
    await stop();
    throw error;
  }
}

async function build(config: GridConfig, overrides: GridOverrides, life: Lifetime): Promise<Grid> {
  const base = await openFoundation(config, overrides, life);
  const {
    home,
    nowMs,
    randomHex,
    identity,
    secretKey,
    signer,
    settings,
    policy,
    friends,
    directory,
    log,
    ledger,
    engine,
  } = base;

  const news = createNews({ nowMs });
  const changed = () => news.touch();
  const jobs = new LiveJobTable({ onChange: changed, nowMs });
  let door: WorkerDoor | undefined;
  let announceAnew: () => void = () => undefined;
  let lookForReach: () => void = () => undefined;
  let contributing: Contributing | undefined;
  const guest = startGuest({
    config,
    overrides,
    settings,
    engine,
    ledger,
    jobs,
    ownPubkey: signer.pubkey,
    givenElsewhere: (day) => contributing?.given.ofDay(day),
    onChange() {
      contributing?.sync();
      announceAnew();
      changed();
    },
    onOffline(offline) {
      for (const way of [base.open, base.guarded, base.neighbours]) way.setOffline(offline);
      door?.setOffline(offline);
      lookForReach();
      announceAnew();
    },
    log: log.child({ room: 'sharing' }),
    nowMs,
  });
  life.undo.push(() => guest.stop());
  // Nothing is served before it is known whether it may be.
  await guest.reconsider();
  const sharing = (atMs: number) => guest.decision(atMs);

  /** In private mode nobody is told of this machine, and no other network is served. */
  const sharingWithAll = (atMs: number): SharingDecision => {
    const decision = sharing(atMs);
    return settings.current().sharing.friendsOnly ? { state: 'off', reasons: [], running: 'go-on' } : decision;
  };

  const registry = createRegistry();
  let workerUrl: string | undefined;
  let publishReceipt: Finding['publishReceipt'] = () => undefined;
  let workerApp: RequestListener | undefined;
  const lanListeners = createLanListeners({
    app: () => workerApp,
    port: () => (workerUrl === undefined ? 0 : Number(new URL(workerUrl).port)),
  });
  life.servers.push({ server: lanListeners, drains: true });
  if (config.worker) {
    const worker = await startWorker(base, config.worker, overrides, life, {
      guest,
      sharing,
      sharingWithAll,
      registry,
      lanAddresses: lanListeners.addresses,
      onReceipt: (receipt) => publishReceipt(receipt),
      onChange: changed,
    });
    ({ contributing, door } = worker);
    workerApp = worker.app;
    workerUrl = door?.url;
  }

  const elsewhere = recently(() => runningUrl(home, 'worker'));
  const own = (): Peer | undefined => {
    const url = workerUrl ?? elsewhere();
    return url ? { pubkey: signer.pubkey, url, label: 'this machine', blocked: false, source: 'own' } : undefined;
  };
  const lanList = createFoundList({ name: 'lan', nowMs, onChange: changed });
  const isNeighbour = (origin: string) => lanList.list().some(({ url }) => url === origin);
  // What is in an invite that the owner redeemed is the owner's word too.
  const isTyped = (origin: string) =>
    directory.isTyped(origin) || own()?.url === origin || invitersOf(friends).some(({ url }) => url === origin);
  const reach = createReach({
    home,
    signer,
    secretKey,
    settings,
    directory: withInviters(directory, friends),
    ordinary: createPeerDispatcher({ ...base, isTyped, isNeighbour }),
    server: () => door?.server(),
    stopping: life.stopping.signal,
    nowMs,
    onChange: changed,
  });
  life.undo.push(() => reach.stop());
  lookForReach = () => void reach.look();
  const roster = createRoster({ signer, dispatcher: reach.dispatcher, nowMs, directory, own, onChange: changed });

  const routerUrl = config.router && (await startRouter(base, config.router, life, { roster, reach, jobs, registry }));

  const engineWatch = createEngineWatch({ engine, nowMs, onChange: () => finding.look() });
  const download = createModelDownload({ modelsFolder: home.modelsFolder, onChange: changed });
  life.undo.push(() => download.stop());
  const openclaw = createOpenclawConnection({
    home,
    env: config.env,
    pluginFolder: config.openclawPlugin,
    onChange: changed,
  });
  life.undo.push(() => openclaw.stop());
  const parts = {
    config,
    signer,
    settings,
    directory,
    friends,
    roster,
    reach,
    ledger,
    engine,
    engineKeys: base.engineKeys,
    jobs,
    sharing,
    guest,
    nowMs,
    workerUrl,
    routerUrl,
    log,
    contributing,
  };
  const finding = createFinding({
    ...parts,
    sharing: sharingWithAll,
    policy,
    engineWatch,
    nostrSecretKey: Buffer.from(identity.nostrSecretKey, 'hex'),
    neighbours: base.neighbours,
    lanList,
    serveAt: lanListeners.serveAt,
    dispatcher: base.open,
    stopping: life.stopping.signal,
    onChange: changed,
  });
  publishReceipt = finding.publishReceipt;
  life.undo.push(() => finding.stop());
  announceAnew = () => finding.look();
  const { friendDesk, friendWatch } = startFriends({ ...parts, randomHex, onChange: changed });
  life.undo.push(() => friendWatch.stop());
  const snapshots = createSnapshots({
    ...parts,
    engineWatch,
    download: () => download.view(),
    finding: () => finding.view(),
    openclaw: () => openclaw.view(),
    startAtLogin: () => overrides.shell?.startAtLogin?.isOn(),
  });
  let requestQuit: () => void = () => undefined;
  const quitRequested = new Promise<void>((resolve) => (requestQuit = resolve));
  const command = createCommands({
    ...parts,
    news,
    quit: () => requestQuit(),
    home,
    engineWatch,
    download,
    finding,
    openclaw,
    friendDesk,
    friendWatch,
    shell: overrides.shell,
  });
  /** Who sees a pause will see its end too. */
  const picture = (): GridSnapshot => {
    const { untilMs } = sharing(nowMs());
    if (untilMs !== undefined) news.touchAt(untilMs);
    return snapshots.current();
  };
  news.onTouch(picture);
  life.undo.push(() => news.close());

  const grid: Omit<Grid, 'dashboard'> = {
    pubkey: signer.pubkey,
    identityCreated: base.created,
    workerUrl,
    routerUrl,
    quitRequested,
    async look() {
      await Promise.all([engineWatch.look(), roster.fresh()]);
      return picture();
    },
    snapshot() {
      // Whoever looks keeps the picture fresh: what is old is asked again, and a change is told.
      void engineWatch.look();
      void roster.fresh();
      return picture();
    },
    command,
    on: <Name extends EventName>(name: Name, listener: (event: Events[Name]) => void) => news.on(name, listener),
    stop: life.stop,
  };
  const dashboard = await openDashboard(config, grid, settings.current().control.port, { log, randomHex, nowMs });
  if (dashboard) life.servers.push({ server: dashboard.server, drains: false });
  if (config.control) life.undo.push(await listenControlSocket(home, grid, () => dashboard?.issueLink(), log));
  await reach.look();
  finding.look();
  log.info({ pubkey: signer.pubkey, workerUrl, routerUrl, version: config.version }, 'started');
  return { ...grid, dashboard };
}

async function openDashboard(
  { dashboard }: GridConfig,
  host: GridHost,
  settingsPort: number,
  deps: { log: Logger; randomHex: (bytes: number) => string; nowMs: () => number },
): Promise<ControlServer | undefined> {
  if (!dashboard) return undefined;
  return listenControlServer({
    host,
    port: dashboard.port ?? settingsPort,
    pagesFolder: dashboard.pagesFolder,
    ...deps,
  });
}
