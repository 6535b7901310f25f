import type { Circle, DayView, EngineKindView, ProblemView, SharingRulesView } from './snapshot.ts';

/**
 * What any user interface may ask for: verbs of intent with their arguments and results. Results are plain JSON. A refused
 * command fails with a `CommandFailure`.
 */
export interface Commands {
  setSharing: { args: { on: boolean }; result: null };
  /** minutes: null means until switched on again */
  pauseSharing: { args: { minutes: number | null }; result: null };
  /** 'morning': tomorrow at eight, local time; 'charged': refused where no battery is seen */
  pauseSharingUntil: { args: { until: 'morning' | 'charged' }; result: null };
  /** takes back a pause and a drain */
  resumeSharing: { args: Record<string, never>; result: null };
  /** finishes what runs for others, then stops until resumed */
  drainSharing: { args: Record<string, never>; result: null };
  /** true closes every socket to other machines */
  setOffline: { args: { offline: boolean }; result: null };
  /** what is left out stays */
  changeSharingRules: { args: { [Name in keyof SharingRulesView]?: SharingRulesView[Name] | undefined }; result: null };
  setModelShared: { args: { model: string; shared: boolean }; result: null };
  stopJob: { args: { jobId: string }; result: { stopped: boolean } };

  addPeer: { args: { pubkey: string; url: string; label?: string | undefined }; result: null };
  renamePeer: { args: { pubkey: string; label: string }; result: null };
  setPeerBlocked: { args: { pubkey: string; blocked: boolean }; result: null };
  /** gives back what was removed, so that it can be added again */
  removePeer: { args: { pubkey: string }; result: { removed: { pubkey: string; url: string; label: string } | null } };
  checkPeer: { args: { pubkey: string }; result: { reachable: boolean; problem: string | null } };

  /** relay: 'public', 'none' or the URL of one. relayOnly: peers see no address of this machine */
  setOverlay: {
    args: { state: 'off' } | { state: 'on'; relay: string; relayOnly: boolean; port?: number | undefined };
    result: null;
  };
  /** a link for one person, or for another machine of the owner; it is told once. Addresses: where that one reaches this machine */
  createInvite: {
    args: {
      circle: Circle;
      label?: string | undefined;
      expiresInHours?: number | undefined;
      tokensPerDay?: number | undefined;
      friendUntilMs?: number | null | undefined;
      addresses?: string[] | undefined;
    };
    result: InviteMadeView;
  };
  withdrawInvite: { args: { inviteId: string }; result: null };
  /** what a link says, before anybody is asked */
  readInvite: {
    args: { link: string };
    result: { circle: Circle; pubkey: string; label: string; addresses: readonly string[]; expiresAtMs: number };
  };
  /** asks the maker of the link, who confirms; accepting is the confirmation of this side */
  acceptInvite: {
    args: {
      link: string;
      circle: Circle;
      label?: string | undefined;
      tokensPerDay?: number | undefined;
      /** where the maker reaches this machine */
      addresses?: string[] | undefined;
    };
    result: { state: 'waiting' | 'accepted' | 'refused' | 'unreachable'; problem: string | null };
  };
  /** no longer waits for the maker of a link */
  forgetInvite: { args: { inviteId: string }; result: null };
  confirmFriend: { args: { pubkey: string; circle: Circle }; result: null };
  refuseFriend: { args: { pubkey: string; circle: Circle }; result: null };
  changeFriend: {
    args: {
      pubkey: string;
      label?: string | undefined;
      tokensPerDay?: number | undefined;
      untilMs?: number | null | undefined;
    };
    result: null;
  };
  /** holds at once: what runs for it ends */
  removeFriend: { args: { pubkey: string }; result: null };
  /** private mode: nobody but friends and own devices is served */
  setFriendsOnly: { args: { on: boolean }; result: null };

  /** tells trackers that this machine shares, where it is reached, its label and models; off takes it back */
  setAnnounce: {
    args:
      | { state: 'off' }
      | {
          state: 'on';
          trackers: string[];
          /** where others reach the worker */
          url: string;
          label: string;
        };
    result: null;
  };
  /** reads the lists of trackers every two minutes; off forgets what they said */
  setTrackerSync: { args: { state: 'off' } | { state: 'on'; trackers: string[] }; result: null };
  /** Nostr relays: three switches over one list of relays, none of which implies another */
  setNostr: {
    args:
      | { state: 'off' }
      | {
          state: 'on';
          relays: string[];
          announce: boolean;
          find: boolean;
          publishReceipts: boolean;
          /** where others reach the worker; may be left out when trackers were told it */
          url?: string | undefined;
          label?: string | undefined;
        };
    result: null;
  };
  /** the local network: announce opens the worker to it, find listens to it */
  setLan: { args: { state: 'off' } | { state: 'on'; announce: boolean; find: boolean }; result: null };

  getOverview: { args: { days: 7 | 30 | 365 }; result: OverviewView };
  getLedgerPage: { args: LedgerQuery; result: LedgerPage };
  getLedgerEntry: { args: { jobId: string }; result: LedgerEntryView | null };
  /** verifies both signatures, the job id and the books anew */
  verifyLedgerEntry: { args: { jobId: string }; result: VerificationView };
  /** verifies all of the ledger, in the background; the view says how far it is */
  startLedgerCheck: { args: Record<string, never>; result: LedgerCheckView };
  getLedgerCheck: { args: Record<string, never>; result: LedgerCheckView };
  stopLedgerCheck: { args: Record<string, never>; result: LedgerCheckView };
  exportLedger: { args: { format: 'csv' | 'json' }; result: { fileName: string; mimeType: string; text: string } };

  /** sends a real prompt; its answer arrives as `prompt` events */
  startPrompt: { args: { prompt: string; model: string | null }; result: { promptId: string } };
  stopPrompt: { args: { promptId: string }; result: null };

  startDownload: { args: Record<string, never>; result: null };
  stopDownload: { args: Record<string, never>; result: null };

  /** asks openclaw's own command line, which takes seconds */
  lookAtOpenclaw: { args: Record<string, never>; result: { found: OpenclawView | null } };
  /** start; the snapshot's `openclaw` tells how far it is */
  connectOpenclaw: { args: { makeDefault: boolean }; result: null };
  disconnectOpenclaw: { args: Record<string, never>; result: null };

  finishOnboarding: { args: Record<string, never>; result: null };
  changeSettings: {
    args: {
      giftTokensPerDay?: number | undefined;
      concurrency?: number | undefined;
      startAtLogin?: boolean | undefined;
    };
    result: null;
  };
  /**
   * url: of the OpenAI-compatible engine, kept for when it is chosen again. key: undefined leaves the stored one, which goes to
   * its own address only; null forgets it. A key can be given and forgotten, never read.
   */
  useEngine: {
    args: { kind: EngineKindView; url?: string | undefined; key?: string | null | undefined };
    result: null;
  };
  /** asks an address for its models; without a key the stored one is sent if it is for this address */
  testEngine: { args: { url: string; key?: string | undefined }; result: EngineTestView };
  /** both are off until the owner says so */
  setIdleClaw: { args: { contribute?: boolean | undefined; consume?: boolean | undefined }; result: null };
  addIdleClawServer: { args: { url: string }; result: { url: string } };
  removeIdleClawServer: { args: { url: string }; result: { removed: boolean } };
  runDoctor: { args: Record<string, never>; result: { checks: readonly DoctorCheckView[] } };
  /** the word must be 'delete'; takes ledger, identity, peers, settings and downloaded models of this home away */
  deleteEverything: { args: { confirmation: string }; result: null };

  /** the shell around the pages: windows, clipboard, quitting. A browser does the first two by itself. */
  showWindow: { args: { window: WindowName; page?: string | undefined }; result: null };
  /** a page cannot hide its window by itself: closing it would throw the page away */
  hidePopover: { args: Record<string, never>; result: null };
  copyRouterAddress: { args: Record<string, never>; result: null };
  openLink: { args: { link: 'ollama' }; result: null };
  quit: { args: Record<string, never>; result: null };
}

export type WindowName = 'popover' | 'dashboard' | 'onboarding';
export type CommandName = keyof Commands;
export type CommandArgs<Name extends CommandName> = Commands[Name]['args'];
export type CommandResult<Name extends CommandName> = Commands[Name]['result'];

/** Complete by construction: a command without a row here, or a row without a command, does not compile. */
const commandNames: Record<CommandName, true> = {
  setSharing: true,
  pauseSharing: true,
  pauseSharingUntil: true,
  resumeSharing: true,
  drainSharing: true,
  setOffline: true,
  changeSharingRules: true,
  setModelShared: true,
  stopJob: true,
  addPeer: true,
  renamePeer: true,
  setPeerBlocked: true,
  removePeer: true,
  checkPeer: true,
  setOverlay: true,
  createInvite: true,
  withdrawInvite: true,
  readInvite: true,
  acceptInvite: true,
  forgetInvite: true,
  confirmFriend: true,
  refuseFriend: true,
  changeFriend: true,
  removeFriend: true,
  setFriendsOnly: true,
  setAnnounce: true,
  setTrackerSync: true,
  setNostr: true,
  setLan: true,
  getOverview: true,
  getLedgerPage: true,
  getLedgerEntry: true,
  verifyLedgerEntry: true,
  startLedgerCheck: true,
  getLedgerCheck: true,
  stopLedgerCheck: true,
  exportLedger: true,
  startPrompt: true,
  stopPrompt: true,
  startDownload: true,
  stopDownload: true,
  lookAtOpenclaw: true,
  connectOpenclaw: true,
  disconnectOpenclaw: true,
  finishOnboarding: true,
  changeSettings: true,
  useEngine: true,
  testEngine: true,
  setIdleClaw: true,
  addIdleClawServer: true,
  removeIdleClawServer: true,
  runDoctor: true,
  deleteEverything: true,
  showWindow: true,
  hidePopover: true,
  copyRouterAddress: true,
  openLink: true,
  quit: true,
};
export const COMMAND_NAMES = Object.keys(commandNames) as readonly CommandName[];

export function isCommandName(input: unknown): input is CommandName {
  return typeof input === 'string' && Object.hasOwn(commandNames, input);
}

/** What a refused command answers, over IPC and HTTP alike: a code of the error table and its sentences. */
export interface CommandFailure {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

export interface InviteMadeView {
  readonly link: string;
  readonly inviteId: string;
  readonly expiresAtMs: number;
  readonly addresses: readonly string[];
  /** the addresses lead here from this machine only: nobody else can redeem it */
  readonly onlyHere: boolean;
}

export interface EngineTestView {
  readonly ok: boolean;
  /** what was found, for people */
  readonly sentence: string;
  readonly models: readonly string[];
}

export type EntryKindView = 'served' | 'asked' | 'own' | 'given' | 'disputed';

export interface OverviewView {
  readonly days: readonly DayView[];
  readonly earned: number;
  readonly spent: number;
  readonly given: number;
  readonly ownTokens: number;
  readonly served: { readonly jobs: number; readonly peers: number };
  readonly asked: { readonly jobs: number; readonly peers: number };
  readonly spendable: {
    readonly peers: number;
    readonly most: { readonly label: string; readonly credit: number } | null;
  };
  readonly byModel: readonly BreakdownRow[];
  readonly byPeer: readonly BreakdownRow[];
}

export interface BreakdownRow {
  readonly name: string;
  readonly earned: number;
  readonly spent: number;
  readonly ownTokens: number;
  readonly jobs: number;
}

export interface LedgerQuery {
  readonly limit: number;
  /** `next` of the page before */
  readonly cursor?: string | undefined;
  /** in model, label, key and job id */
  readonly search?: string | undefined;
  readonly kind?: EntryKindView | undefined;
}

export interface LedgerPage {
  readonly entries: readonly LedgerRowView[];
  readonly next: string | null;
  /** entries that match the query, all pages */
  readonly total: number;
}

export interface LedgerRowView {
  readonly jobId: string;
  readonly kind: EntryKindView;
  readonly atMs: number;
  /** label or short key of the other side */
  readonly with: string;
  readonly peerPubkey: string;
  readonly model: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** signed: earned is positive, spent negative, own and given 0 */
  readonly credits: number;
  readonly signatures: 'both' | 'receipt only' | 'none';
  /** words, only for disputed ones */
  readonly dispute: string | null;
}

export interface LedgerEntryView extends LedgerRowView {
  readonly durationMs: number;
  /** indented JSON */
  readonly orderText: string | null;
  readonly receiptText: string | null;
}

export interface VerificationView {
  readonly ok: boolean;
  readonly checks: readonly { readonly what: string; readonly ok: boolean; readonly detail: string | null }[];
}

/** 'idle' also after it was stopped. Members that do not belong to the state are null, 0 or empty. */
export interface LedgerCheckView {
  readonly state: 'idle' | 'running' | 'done' | 'failed';
  readonly step: 'file' | 'sums' | 'signatures' | null;
  readonly done: number;
  readonly total: number;
  readonly entries: number;
  /** the first of them; `name`: job id, account, tab or day */
  readonly problems: readonly { readonly name: string; readonly what: string }[];
  readonly problemCount: number;
  /** why it failed */
  readonly message: string | null;
}

export interface DoctorCheckView {
  readonly name: string;
  /** names the finding, for scripts: 'port_taken', 'peer_tcp'; absent when there is none */
  readonly code?: string;
  readonly status: 'ok' | 'warning' | 'failed';
  readonly message: string;
  readonly hint: string | null;
}

export interface OpenclawView {
  readonly path: string;
  readonly version: string;
  /** null: not installed, or disabled */
  readonly pluginVersion: string | null;
  /** where its provider 'lobstah' points; null: there is none */
  readonly baseUrl: string | null;
  readonly defaultModel: string | null;
  /** what was before is known, so that it can be put back */
  readonly canUndo: boolean;
}

export type { ProblemView };
