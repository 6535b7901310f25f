import { randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import type { Logger } from 'pino';
import type { EventName, Events } from '../contract/events.ts';
import type { GridHost } from '../contract/grid-host.ts';
import type { GridSnapshot } from '../contract/snapshot.ts';
import { listen, type RunningServer } from '../http/listen.ts';
import { createJobVault } from '../ledger/job-vault.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { openLedger } from '../ledger/open-ledger.ts';
import { createGuardedAgent } from '../peers/guarded-agent.ts';
import { createPeerDispatcher } from '../peers/peer-dispatcher.ts';
import type { Peer } from '../peers/peer.ts';
import { createRoster } from '../peers/roster.ts';
import { createSigner } from '../protocol/ed25519.ts';
import { overlayHost } from '../protocol/overlay-address.ts';
import { V1_PRICE } from '../protocol/price.ts';
import type { Pubkey } from '../protocol/pubkey.ts';
import { RouterMemory } from '../router/memory.ts';
import { createRouterMetrics } from '../router/router-metrics.ts';
import { createRouterApp } from '../router/router-app.ts';
import { PHASE_LIMITS } from '../router/router-deps.ts';
import type { SharingDecision } from '../sharing/decide.ts';
import { createSealer } from '../store/sealer.ts';
import { ENGINE_LIMITS } from '../worker/engine-limits.ts';
import { createServe } from '../worker/serve.ts';
import { createWorkerApp } from '../worker/worker-app.ts';
import type { WorkerDeps } from '../worker/worker-deps.ts';
import { createCommands } from './commands/commands.ts';
import { listenControlServer, type ControlServer } from './control/control-server.ts';
import { listenControlSocket } from './control/control-socket.ts';
import type { GridConfig, GridOverrides } from './grid-config.ts';
import { openHome } from './home.ts';
import { openIdentityFile } from './identity-file.ts';
import { LiveJobTable } from './live-job-table.ts';
import { openLog } from './log.ts';
import { startGuest } from './guest/start-guest.ts';
import { Outside } from './guest/outside.ts';
import { openWorkerDoor, type WorkerDoor } from './guest/worker-door.ts';
import { openEngineKeys } from './engine-keys.ts';
import { createEngineWatch } from './engine-watch.ts';
import { createModelDownload } from './model-download.ts';
import { createReach } from './reach.ts';
import { createRegistry } from './registry.ts';
import { createOpenclawConnection } from './openclaw-connection.ts';
import { createNews } from './news.ts';
import { openOwnEngine } from './own-engine.ts';
import { startContributing, type Contributing } from './idleclaw/contribute.ts';
import { envServer } from './idleclaw/idleclaw-wish.ts';
import { createLastResort } from './idleclaw/last-resort.ts';
import { recently, runningUrl, takeRoles } from './roles.ts';
import { openSettingsFile } from './settings.ts';
import { allowedHostsOf, refuseOpenRouter, serverAddress } from './server-address.ts';
import { createSnapshots } from './snapshots.ts';
import { localDay } from '../ledger/local-day.ts';
import { createFoundList } from '../peers/sources/found-list.ts';
import { createFinding, type Finding } from './finding.ts';
import { lanInterfaces } from './lan-finding.ts';
import { createLanListeners } from './lan-listeners.ts';
import { invitersOf, startFriends, withInviters } from './start-friends.ts';
import { homeDisk } from './home-disk.ts';
import { openFriends } from '../peers/friends.ts';
import { openHomeDirectory } from './home-directory.ts';

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

interface Lifetime {
  readonly undo: (() => Promise<unknown> | void)[];
  readonly stopping: AbortController;
  readonly servers: { readonly server: Pick<RunningServer, 'close'>; readonly drains: boolean }[];
  readonly stop: (drainMs?: number) => Promise<void>;
}

async function build(config: GridConfig, overrides: GridOverrides, life: Lifetime): Promise<Grid> {
  const { home } = config;
  const nowMs = overrides.nowMs ?? Date.now;
  const randomHex = (bytes: number) => randomBytes(bytes).toString('hex');
  openHome(home);
  const { identity, created } = openIdentityFile(home.identityFile);
  const secretKey = Buffer.from(identity.secretKey, 'hex');
  const signer = createSigner(secretKey);
  const jobSealer = createSealer(secretKey, 'stored jobs');
  const settings = openSettingsFile(home.settingsFile);
  envServer(config.env);
  const policy = () => ({ allowPrivate: settings.current().peers.allowPrivateAnnounced });
  const friends = openFriends(home.friendsFile, homeDisk, nowMs);
  const directory = openHomeDirectory(home, { ownPubkey: signer.pubkey, policy, nowMs, friends });
  const roles = takeRoles(config, life.undo);
  const log = openLog(home.logFile, config.env['LOBSTAH_LOG'] ?? 'info');

  const ledger: Ledger = await openLedger({
    file: home.ledgerFile,
    ownPubkey: signer.pubkey,
    ...(overrides.ledgerThreadUrl ? { threadUrl: overrides.ledgerThreadUrl } : {}),
  });
  life.undo.push(() => ledger.close());
  const open = new Outside(overrides.dispatcher ? () => overrides.dispatcher! : undefined);
  const guarded = new Outside(() => createGuardedAgent({ policy }));
  const neighbours = new Outside(() =>
    createGuardedAgent({
      policy: () => ({ allowPrivate: false, onlySubnets: lanInterfaces().map(({ subnet }) => subnet) }),
    }),
  );
  life.undo.push(() => Promise.all([open.destroy(), guarded.destroy(), neighbours.destroy()]));
  const { env } = config;
  const engineKeys = openEngineKeys({ file: home.engineKeyFile, env, secrets: overrides.secrets });
  const engine =
    overrides.engine ?? openOwnEngine({ env, home, settings, keys: engineKeys, host: overrides.engineHost });
  life.undo.push(() => engine.close());

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
      open.setOffline(offline);
      guarded.setOffline(offline);
      neighbours.setOffline(offline);
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
  let workerApp: RequestListener | undefined;
  let publishReceipt: Finding['publishReceipt'] = () => undefined;
  const lanListeners = createLanListeners({
    app: () => workerApp,
    port: () => (workerUrl === undefined ? 0 : Number(new URL(workerUrl).port)),
  });
  life.servers.push({ server: lanListeners, drains: true });
  if (config.worker) {
    const deps: WorkerDeps = {
      signer,
      engine,
      engineLimits: overrides.engineLimits ?? ENGINE_LIMITS,
      ledger,
      policy: () => {
        const { worker, sharing: wish } = settings.current();
        const { friendsOnly, unsharedModels } = wish;
        return {
          ...worker,
          price: V1_PRICE,
          friendsOnly,
          isShared: (model) => !unsharedModels.includes(model.name) && guest.mayOffer(model),
        };
      },
      sharing,
      isBlocked: (pubkey) => directory.list().some((peer) => peer.blocked && peer.pubkey === pubkey),
      friends,
      jobs: guest.jobs,
      storedJobs: createJobVault(ledger.storedJobs, jobSealer, 'serving'),
      log: log.child({ room: 'worker' }),
      nowMs,
      localDay,
      randomHex,
      registry,
      allowedHosts: [...allowedHostsOf(config.worker), overlayHost(signer.pubkey)],
      lanAddresses: lanListeners.addresses,
      onReceipt: (receipt) => publishReceipt(receipt),
      stopping: life.stopping.signal,
    };
    const serve = createServe(deps);
    if (config.worker.listens !== false) {
      const at = serverAddress(config.worker, settings.current().worker.port);
      workerApp = createWorkerApp(deps, serve);
      door = await openWorkerDoor(workerApp, at, {
        offline: settings.current().sharing.offline,
        onProblem: (error) => log.error({ err: error }, 'the door of the worker could not be opened again'),
      });
      life.servers.push({ server: door, drains: true });
      workerUrl = door.url;
      roles.tell('worker', door.url);
    }
    contributing = startContributing({
      config,
      settings,
      sharing: sharingWithAll,
      serve,
      engine,
      log: log.child({ room: 'idleclaw' }),
      nowMs,
      onChange: changed,
      timing: overrides.nodeTiming,
    });
    life.servers.push({ server: contributing, drains: true });
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
    ordinary: createPeerDispatcher({ open, guarded, isTyped, neighbours, isNeighbour }),
    server: () => door?.server(),
    stopping: life.stopping.signal,
    nowMs,
    onChange: changed,
  });
  life.undo.push(() => reach.stop());
  lookForReach = () => void reach.look();
  const roster = createRoster({ signer, dispatcher: reach.dispatcher, nowMs, directory, own, onChange: changed });

  let routerUrl: string | undefined;
  if (config.router) {
    refuseOpenRouter(config.router);
    const app = createRouterApp({
      signer,
      ledger,
      roster,
      dispatcher: reach.dispatcher,
      pathOf: (peer) => reach.pathOf(peer),
      jobs,
      storedJobs: createJobVault(ledger.storedJobs, jobSealer, 'asking'),
      log: log.child({ room: 'router' }),
      nowMs,
      randomHex,
      random: Math.random,
      maxPrice: V1_PRICE,
      limits: PHASE_LIMITS,
      lastResort: createLastResort({
        settings,
        env: config.env,
        dispatcher: reach.dispatcher,
        log: log.child({ room: 'idleclaw' }),
      }),
      aliases: () => settings.current().router.aliases,
      apiKey: config.router.apiKey,
      memory: new RouterMemory(),
      metrics: createRouterMetrics(
        registry,
        () => jobs.list().filter(({ direction }) => direction === 'asking').length,
      ),
      registry,
      allowedHosts: allowedHostsOf(config.router),
      stopping: life.stopping.signal,
    });
    const server = await listen(app, serverAddress(config.router, settings.current().router.port));
    life.servers.push({ server, drains: true });
    routerUrl = server.url;
    roles.tell('router', server.url);
  }

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
    engineKeys,
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
    neighbours,
    lanList,
    serveAt: lanListeners.serveAt,
    dispatcher: open,
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
    identityCreated: created,
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
