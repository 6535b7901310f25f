import { totalmem } from 'node:os';
import type {
  DayView,
  DownloadView,
  OpenclawTaskView,
  EngineView,
  FindingView,
  GridSnapshot,
  JobView,
  ModelView,
  PeerSourceView,
  PeerView,
  ProblemView,
  SharingView,
} from '../contract/snapshot.ts';
import type { EngineModel } from '../engine/engine.ts';
import { isResting } from '../peers/health.ts';
import { addressesOf, type Peer } from '../peers/peer.ts';
import type { KnownPeer } from '../peers/roster.ts';
import type { FoundSourceName } from '../peers/sources/peer-source.ts';
import { shortPubkey, type Pubkey } from '../protocol/pubkey.ts';
import { friendsView } from './friends-view.ts';
import { creditsOf, groupRows, sumRows } from './credits.ts';
import { engineChoiceView } from './engine-choice-view.ts';
import type { EngineSight, EngineWatch } from './engine-watch.ts';
import type { GridParts } from './grid-parts.ts';
import { effectiveRules } from './guest/rules-schema.ts';
import { sharingView } from './guest/sharing-view.ts';
import { idleClawView } from './idleclaw/idleclaw-view.ts';
import { serversOf } from './idleclaw/idleclaw-wish.ts';
import type { RunningJob } from './live-job-table.ts';
import { lastDays } from '../ledger/local-day.ts';

export interface Snapshots {
  current(): GridSnapshot;
}

/** The whole picture for any user interface, each with a higher revision than the one before. */
export function createSnapshots(
  parts: GridParts & {
    engineWatch: EngineWatch;
    download: () => DownloadView | null;
    openclaw: () => OpenclawTaskView | null;
    startAtLogin: () => boolean | undefined;
    finding: () => FindingView;
  },
): Snapshots {
  let revision = 0;
  return {
    current(): GridSnapshot {
      const nowMs = parts.nowMs();
      revision += 1;
      const days = lastDays(7, nowMs);
      const byDay = groupRows(parts.ledger.days(days[0] ?? ''), ({ day }) => day);
      const week = days.map((day): DayView => {
        const { jobs: _, ...sums } = sumRows(byDay.get(day) ?? []);
        return { day, ...sums, given: sums.given + (parts.contributing?.given.creditsOfDay(day) ?? 0) };
      });
      const today = week.at(-1);
      const settings = parts.settings.current();
      const startAtLogin = parts.startAtLogin();
      return {
        revision,
        version: parts.config.version,
        nowMs,
        pubkey: parts.signer.pubkey,
        routerUrl: parts.routerUrl ? `${parts.routerUrl}/v1` : null,
        workerUrl: parts.workerUrl ?? null,
        sharing: sharingOf(parts, nowMs),
        sharingRules: effectiveRules(settings.sharing.rules),
        engine: engineView(parts),
        engineChoice: engineChoiceView(parts),
        jobs: shownJobs(parts).map((job) => jobView(job, parts, nowMs)),
        today: {
          earned: today?.earned ?? 0,
          spent: today?.spent ?? 0,
          ownTokens: today?.ownTokens ?? 0,
          given: today?.given ?? 0,
        },
        week,
        peers: peerViews(parts, nowMs),
        overlay: parts.reach.view(),
        friends: friendsView(parts, days.at(-1) ?? '', nowMs),
        finding: parts.finding(),
        settings: {
          giftTokensPerDay: settings.worker.giftTokensPerDay,
          concurrency: settings.worker.concurrency,
          startAtLogin: startAtLogin ?? false,
          startAtLoginAvailable: startAtLogin !== undefined,
        },
        idleclaw: idleClawView({
          contribute: parts.config.contributeTo !== undefined || settings.idleclaw.contribute,
          consume: settings.idleclaw.consume,
          servers: parts.config.contributeTo ?? serversOf(settings, parts.config.env),
          sharing: parts.sharing(nowMs),
          contributing: parts.contributing,
          today: days.at(-1) ?? '',
        }),
        onboardingDone: settings.onboardingDone,
        download: parts.download(),
        openclaw: parts.openclaw(),
        problems: problems(parts),
      };
    },
  };
}

function sharingOf(parts: GridParts & { engineWatch: EngineWatch }, nowMs: number): SharingView {
  const { sharing } = parts.settings.current();
  const offered = parts.engineWatch.last().models.filter(({ ownUseOnly }) => !ownUseOnly);
  const ticked = offered.filter(({ name }) => !sharing.unsharedModels.includes(name));
  const shareable = ticked.filter((model) => parts.guest.mayOffer(model)).length;
  return sharingView(parts.sharing(nowMs), {
    on: sharing.on || parts.config.worker?.sharing === 'always',
    offline: sharing.offline,
    serving: parts.jobs
      .list()
      .filter(({ direction, otherPubkey }) => direction === 'serving' && otherPubkey !== parts.signer.pubkey).length,
    shareable,
    friendsOnly: sharing.friendsOnly,
    nothingToShare:
      ticked.length > 0
        ? 'Nothing to share: no ticked model has room in memory, or tokens left for today.'
        : nothingToShare(parts.engineWatch.last(), offered.length),
  });
}

function nothingToShare({ status }: EngineSight, offered: number): string {
  if (!status.reachable) return 'Nothing to share: the engine does not answer.';
  if (offered > 0) return 'Nothing to share: no model is ticked.';
  if (status.engine === 'sample') return 'Nothing to share yet: there is only the sample model.';
  return 'Nothing to share: the engine has no models.';
}

const ENGINE_LABELS: Record<EngineView['name'], string> = {
  ollama: 'Ollama',
  builtin: 'Built-in engine',
  'openai-compatible': 'OpenAI-compatible engine',
  sample: 'Sample model',
};

function engineView(parts: GridParts & { engineWatch: EngineWatch }): EngineView {
  const { status, models } = parts.engineWatch.last();
  const unshared = parts.settings.current().sharing.unsharedModels;
  return {
    name: status.engine,
    label: ENGINE_LABELS[status.engine],
    where: status.where,
    reachable: status.reachable,
    version: status.version ?? null,
    problem: status.problem ?? null,
    models: models.map((model) => modelView(model, unshared)),
    memoryBytes: totalmem(),
  };
}

function modelView(model: EngineModel, unshared: readonly string[]): ModelView {
  return {
    name: model.name,
    sizeBytes: model.sizeBytes ?? null,
    parameterSize: model.parameterSize ?? null,
    quantization: model.quantization ?? null,
    contextLength: model.contextLength ?? null,
    capabilities: model.capabilities,
    loaded: model.loaded,
    shared: !model.ownUseOnly && !unshared.includes(model.name),
    ownUseOnly: model.ownUseOnly,
    fit: fitOf(model.sizeBytes),
  };
}

/** Weights plus about a quarter for context and buffers; macOS lends the GPU up to about 70 % of memory. */
function fitOf(sizeBytes: number | undefined): ModelView['fit'] {
  if (sizeBytes === undefined) return 'unknown';
  const share = (sizeBytes * 1.25) / totalmem();
  return share < 0.5 ? 'fits' : share < 0.7 ? 'tight' : 'too-large';
}

/** Own use passes router and worker of this process; it is one request to its owner. */
function shownJobs({ jobs, signer, routerUrl }: GridParts): RunningJob[] {
  const isSeenAtRouter = (job: RunningJob) =>
    routerUrl !== undefined && job.direction === 'serving' && job.otherPubkey === signer.pubkey;
  return jobs.list().filter((job) => !isSeenAtRouter(job));
}

function jobView(job: RunningJob, parts: GridParts, nowMs: number): JobView {
  const seconds = job.streamingSinceMs === undefined ? 0 : (nowMs - job.streamingSinceMs) / 1000;
  const own = job.otherPubkey === parts.signer.pubkey;
  return {
    jobId: job.jobId,
    direction: own ? 'own' : job.direction,
    model: job.model,
    with: withWhom(job, parts),
    phase: job.phase,
    outputTokens: job.outputTokens,
    maxOutputTokens: job.maxOutputTokens,
    tokensPerSecond: seconds > 0.5 ? Math.round((job.outputTokens / seconds) * 10) / 10 : null,
    startedAtMs: job.startedAtMs,
    canStop: true,
  };
}

function withWhom({ via, direction, otherPubkey }: RunningJob, parts: GridParts): string {
  if (via !== undefined) return via;
  return direction === 'asking' && otherPubkey === 'anonymous' ? 'a peer' : labelOf(parts, otherPubkey);
}

/** The label the owner gave, else the short key. */
export function labelOf(parts: Pick<GridParts, 'directory' | 'signer' | 'friends'>, pubkey: string): string {
  if (pubkey === parts.signer.pubkey) return 'this machine';
  if (pubkey === 'anonymous') return 'somebody unnamed';
  const label = parts.directory.list().find((peer) => peer.pubkey === pubkey)?.label;
  // A friend that has no worker is in no list of peers.
  return label ?? (parts.friends.find(pubkey as Pubkey)?.label || shortPubkey(pubkey));
}

function peerViews(parts: GridParts, nowMs: number): PeerView[] {
  const tabs = new Map(parts.ledger.tabs().map((tab) => [tab.pubkey, tab]));
  // This machine is no peer of its own: what it does for its owner is shown as own use.
  const others = parts.roster.known().filter(({ peer }) => peer.source !== 'own');
  return others.map((known): PeerView => {
    const { peer, capacity, health } = known;
    const tab = tabs.get(peer.pubkey);
    const path = parts.reach.pathOf(peer);
    const sources = sourcesOf(peer);
    return {
      pubkey: peer.pubkey,
      label: peer.label ?? shortPubkey(peer.pubkey),
      url: peer.url,
      path: path.kind,
      rttMs: path.rttMs ?? null,
      source: sources[0] ?? 'added by hand',
      sources,
      addresses: [...new Set([peer.url, ...addressesOf(peer)])],
      announcedAtMs: peer.found?.announcedAtMs ?? null,
      circle: peer.circle ?? null,
      state: peerState(known, nowMs),
      problem: health.problem ?? null,
      models: capacity?.models ?? [],
      latencyMs: health.latencyMs === undefined ? null : Math.round(health.latencyMs),
      lastSeenMs: health.lastSeenMs ?? null,
      credit: creditsOf(tab?.balanceMicro ?? 0),
      earned: creditsOf(tab?.earnedMicro ?? 0),
      spent: creditsOf(tab?.spentMicro ?? 0),
      understandsOrders: capacity?.order === 1,
    };
  });
}

const FOUND_WORDS: Record<FoundSourceName, PeerSourceView> = {
  tracker: 'found on a tracker',
  nostr: 'found on Nostr',
  lan: 'found on the local network',
};

function sourcesOf({ source, found }: Peer): PeerSourceView[] {
  const typed: PeerSourceView[] = source === 'static' ? ['added by hand'] : [];
  return [...typed, ...(found?.sources ?? []).map((name) => FOUND_WORDS[name])];
}

function peerState({ peer, capacity, health }: KnownPeer, nowMs: number): PeerView['state'] {
  if (peer.blocked) return 'blocked';
  if (isResting(health, nowMs)) return 'resting';
  if (capacity) return 'reachable';
  return health.problem === undefined ? 'unknown' : 'unreachable';
}

function problems(parts: GridParts & { engineWatch: EngineWatch }): ProblemView[] {
  const { status } = parts.engineWatch.last();
  if (status.reachable || status.problem === undefined || status.problem === 'Not looked at yet.') return [];
  return [
    {
      code: 'engine_unreachable',
      message: status.problem,
      hint: "Start the engine; 'lobstah doctor' finds what is wrong.",
    },
  ];
}
