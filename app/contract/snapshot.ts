/**
 * What any user interface may see. A snapshot is whole, never a patch: an interface subscribes, asks once, and from then on
 * takes only higher revisions. Credits are decimal numbers of credits (1 credit = 1 token at the v1 price), already computed:
 * an interface does no arithmetic on them. Times are ms since 1970. Nothing secret is in here.
 */
export interface GridSnapshot {
  readonly revision: number;
  readonly version: string;
  readonly nowMs: number;
  readonly pubkey: string;
  readonly routerUrl: string | null;
  readonly workerUrl: string | null;
  readonly sharing: SharingView;
  readonly engine: EngineView;
  readonly sharingRules: SharingRulesView;
  readonly engineChoice: EngineChoiceView;
  readonly jobs: readonly JobView[];
  readonly today: TodayView;
  /** the last seven local days, oldest first, today last */
  readonly week: readonly DayView[];
  readonly peers: readonly PeerView[];
  readonly overlay: OverlayView;
  readonly friends: FriendsView;
  readonly finding: FindingView;
  readonly settings: SettingsView;
  readonly idleclaw: IdleClawView;
  readonly onboardingDone: boolean;
  readonly download: DownloadView | null;
  /** openclaw being connected or disconnected, or how that ended */
  readonly openclaw: OpenclawTaskView | null;
  /** what is wrong right now and how to mend it; empty is good */
  readonly problems: readonly ProblemView[];
}

/** The meanings the tray icon and every view agree on. */
export type SharingState = 'off' | 'ready' | 'serving' | 'paused' | 'trouble';

export interface SharingView {
  readonly on: boolean;
  readonly state: SharingState;
  /** One sentence for people: what is happening and why. */
  readonly sentence: string;
  /** end of a manual pause */
  readonly pausedUntilMs: number | null;
  /** what is going on, finer than `state`: 'waiting' is a pause by the machine itself, 'draining' finishes what runs */
  readonly phase: 'off' | 'waiting' | 'ready' | 'serving' | 'draining' | 'paused';
  /** why nothing new is served, the weightiest first; empty while it is */
  readonly reasons: readonly SharingReasonView[];
  /** the switch that closes every way to other machines */
  readonly offline: boolean;
}

export interface SharingReasonView {
  readonly code: string;
  /** for people */
  readonly sentence: string;
}

/** When this machine may serve: the rules of app/sharing/rules.ts, all of them, defaults included. */
export interface SharingRulesView {
  readonly idleMinutes: number;
  readonly lockedIsIdle: boolean;
  readonly displayOffIsIdle: boolean;
  readonly onBattery: boolean;
  readonly minChargePercent: number;
  readonly inLowPowerMode: boolean;
  readonly thermalLimit: 'nominal' | 'fair' | 'serious' | 'critical';
  readonly otherCpuPercent: number;
  readonly memoryInUsePercent: number;
  readonly memoryIdlePercent: number;
  readonly whileDisplayHeld: boolean;
  readonly exclusiveApps: readonly string[];
  readonly onMetered: boolean;
  /** hours per weekday: 'mon-fri 22:00-07:00, sat-sun 00:00-24:00'; empty: at any time */
  readonly schedule: string;
  readonly quietSeconds: number;
  readonly ownerQuietSeconds: number;
  readonly whenBack: 'abort' | 'finish';
  readonly finishSeconds: number;
  readonly keepAliveSeconds: number | null;
  readonly chargedPercent: number;
  readonly tokensPerDay: number;
  readonly tokensPerModelPerDay: number;
}

export interface EngineView {
  readonly name: 'ollama' | 'builtin' | 'openai-compatible' | 'sample';
  readonly label: string;
  readonly where: string;
  readonly reachable: boolean;
  readonly version: string | null;
  readonly problem: string | null;
  readonly models: readonly ModelView[];
  readonly memoryBytes: number;
}

/** 'auto': Ollama while it has a model, else the built-in engine, else the sample. */
export type EngineKindView = 'auto' | 'ollama' | 'builtin' | 'openai' | 'sample';

/** What the owner chose, which may not answer. */
export interface EngineChoiceView {
  readonly kind: EngineKindView;
  /** of the OpenAI-compatible engine; never with a key in it */
  readonly url: string | null;
  /** a key is kept for this address */
  readonly hasKey: boolean;
  /** why no key can be kept here */
  readonly keyProblem: string | null;
  /** the environment variable that decides, so that nothing can be changed here */
  readonly fixedBy: string | null;
}

export interface ModelView {
  readonly name: string;
  readonly sizeBytes: number | null;
  readonly parameterSize: string | null;
  readonly quantization: string | null;
  readonly contextLength: number | null;
  readonly capabilities: readonly string[];
  readonly loaded: boolean;
  readonly shared: boolean;
  /** the sample model: never offered to others */
  readonly ownUseOnly: boolean;
  /** does it fit this machine's memory? 'unknown' when the engine does not tell its size */
  readonly fit: 'fits' | 'tight' | 'too-large' | 'unknown';
}

/** A request that runs right now: 'serving' somebody, 'asking' somebody, or 'own' use of the own engine. */
export interface JobView {
  readonly jobId: string;
  readonly direction: 'serving' | 'asking' | 'own';
  readonly model: string;
  /** label or short key of the other side */
  readonly with: string;
  readonly phase: 'queued' | 'waiting' | 'streaming';
  readonly outputTokens: number;
  readonly maxOutputTokens: number;
  readonly tokensPerSecond: number | null;
  readonly startedAtMs: number;
  readonly canStop: boolean;
}

export interface TodayView {
  readonly earned: number;
  readonly spent: number;
  readonly ownTokens: number;
  readonly given: number;
}

export interface DayView {
  /** local 'YYYY-MM-DD' */
  readonly day: string;
  readonly earned: number;
  readonly spent: number;
  readonly ownTokens: number;
  readonly given: number;
}

export type PeerSourceView = 'added by hand' | 'found on a tracker' | 'found on Nostr' | 'found on the local network';

export interface PeerView {
  readonly pubkey: string;
  readonly label: string;
  readonly url: string;
  /**
   * 'http' is readable by whoever is on the path, all others are not. 'direct' and 'relay': connected over the overlay; 'overlay':
   * reached by its key, and not connected right now
   */
  readonly path: 'http' | 'https' | 'direct' | 'relay' | 'overlay';
  /** round trip of the connection over the overlay */
  readonly rttMs: number | null;
  /** the first of `sources` */
  readonly source: PeerSourceView;
  /** who knows this peer, the owner first */
  readonly sources: readonly PeerSourceView[];
  /** all of its addresses, the one that is used first */
  readonly addresses: readonly string[];
  /** when it last announced itself; null when it never did */
  readonly announcedAtMs: number | null;
  /** null: nobody who was invited */
  readonly circle: Circle | null;
  readonly state: 'reachable' | 'unreachable' | 'resting' | 'unknown' | 'blocked';
  readonly problem: string | null;
  readonly models: readonly string[];
  readonly latencyMs: number | null;
  readonly lastSeenMs: number | null;
  /** positive: what can be spent with this peer; negative: what is owed to it */
  readonly credit: number;
  readonly earned: number;
  readonly spent: number;
  readonly understandsOrders: boolean;
}

/** Reaching peers by their key, through NAT: an opt-in. */
export type OverlayView =
  | { readonly state: 'off' }
  | {
      readonly state: 'on';
      /** 'public', 'none', or the URL of a relay */
      readonly relay: string;
      readonly relayOnly: boolean;
      /** UDP; 0: a free one */
      readonly port: number;
      /** what is happening, for people */
      readonly sentence: string;
      /** what others need to reach this machine: `iroh:…` */
      readonly address: string | null;
      /** the relay that answers for this machine right now */
      readonly relayUrl: string | null;
      readonly connections: number;
      readonly problem: string | null;
    };
/** 'friend': another person, with a limit of its own. 'device': another machine of the same owner, free both ways. */
export type Circle = 'friend' | 'device';

export interface FriendsView {
  /** private mode: nobody else is served */
  readonly friendsOnly: boolean;
  readonly friends: readonly FriendView[];
  /** who redeemed an invite of this machine and waits for its owner */
  readonly pending: readonly PendingFriendView[];
  /** nobody has redeemed these yet */
  readonly invites: readonly {
    readonly inviteId: string;
    readonly circle: Circle;
    readonly createdAtMs: number;
    readonly expiresAtMs: number;
  }[];
  /** whose invite was redeemed here, and who has not said yes yet */
  readonly asked: readonly {
    readonly inviteId: string;
    readonly circle: Circle;
    readonly pubkey: string;
    readonly label: string;
    readonly atMs: number;
  }[];
}

export interface FriendView {
  readonly pubkey: string;
  readonly circle: Circle;
  readonly label: string;
  readonly sinceMs: number;
  /** null: until somebody ends it */
  readonly untilMs: number | null;
  /** what it may have a day beyond its own credit */
  readonly tokensPerDay: number;
  readonly usedToday: number;
}

export interface PendingFriendView {
  readonly pubkey: string;
  readonly circle: Circle;
  /** what it calls itself; proves nothing */
  readonly label: string;
  /** where it says it is reached: asked from then on, when it is confirmed */
  readonly addresses: readonly string[];
  readonly atMs: number;
  readonly tokensPerDay: number;
  readonly untilMs: number | null;
}

export interface SettingsView {
  readonly giftTokensPerDay: number;
  readonly concurrency: number;
  readonly startAtLogin: boolean;
  /** false where the shell cannot do it (headless) */
  readonly startAtLoginAvailable: boolean;
}

/** The other network this machine can work for, and ask when no peer can answer. */
export interface IdleClawView {
  readonly contribute: boolean;
  /** may the router ask these servers as a last resort? */
  readonly consume: boolean;
  readonly servers: readonly IdleClawServerView[];
  /** work done for it today: it earns nothing */
  readonly givenToday: GivenView;
}

export interface IdleClawServerView {
  readonly url: string;
  readonly state: 'off' | 'paused' | 'connecting' | 'contributing' | 'waiting';
  readonly sentence: string;
  /** requests of it that run now */
  readonly active: number;
  /** since this machine first contributed to it */
  readonly given: GivenView;
}

export interface GivenView {
  readonly requests: number;
  readonly tokens: number;
}

export interface DownloadView {
  readonly model: string;
  readonly receivedBytes: number;
  readonly totalBytes: number | null;
  readonly state: 'running' | 'checking' | 'done' | 'failed' | 'cancelled';
  readonly problem: string | null;
}

export interface OpenclawTaskView {
  readonly doing: 'connect' | 'disconnect';
  readonly state: 'running' | 'done' | 'failed';
  /** what was begun so far, one sentence each; while it runs the last one is under way */
  readonly steps: readonly string[];
  readonly result: string | null;
  readonly problem: { readonly message: string; readonly hint: string } | null;
}

export interface ProblemView {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** The opt-ins around being found and finding others. Off means that nothing is connected to. */
export interface FindingView {
  readonly announce: AnnounceView;
  readonly trackerSync: TrackerSyncView;
  readonly nostr: NostrView;
  readonly lan: LanView;
}

export type NostrView =
  | { readonly state: 'off' }
  | {
      readonly state: 'on';
      readonly sentence: string;
      readonly announce: boolean;
      readonly find: boolean;
      readonly publishReceipts: boolean;
      /** where others reach this machine; empty: the address that is given for trackers */
      readonly url: string;
      readonly label: string;
      readonly relays: readonly {
        readonly url: string;
        readonly connected: boolean;
        readonly lastAnnouncedMs: number | null;
        readonly found: number;
        readonly refused: number;
        readonly problem: string | null;
      }[];
    };

export type LanView =
  | { readonly state: 'off' }
  | {
      readonly state: 'on';
      readonly sentence: string;
      readonly announce: boolean;
      readonly find: boolean;
      /** where neighbours reach the worker right now */
      readonly addresses: readonly string[];
      readonly found: number;
    };

export type AnnounceView =
  | { readonly state: 'off' }
  | {
      readonly state: 'on';
      /** what is happening and why, for people */
      readonly sentence: string;
      /** what is announced */
      readonly url: string;
      readonly label: string;
      readonly trackers: readonly {
        readonly url: string;
        readonly lastAnnouncedMs: number | null;
        readonly problem: string | null;
      }[];
    };

export type TrackerSyncView =
  | { readonly state: 'off' }
  | {
      readonly state: 'on';
      readonly sentence: string;
      readonly trackers: readonly {
        readonly url: string;
        readonly lastSyncMs: number | null;
        /** verified entries of its list */
        readonly found: number;
        readonly refused: number;
        readonly problem: string | null;
      }[];
    };
