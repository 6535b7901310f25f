import type { Logger } from 'pino';
import type { Engine } from '../engine/engine.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Directory } from '../peers/directory.ts';
import type { Friends } from '../peers/friends.ts';
import type { Roster } from '../peers/roster.ts';
import type { Signer } from '../protocol/ed25519.ts';
import type { SharingDecision } from '../sharing/decide.ts';
import type { EngineKeys } from './engine-keys.ts';
import type { Guest } from './guest/guest.ts';
import type { GridConfig } from './grid-config.ts';
import type { Contributing } from './idleclaw/contribute.ts';
import type { LiveJobTable } from './live-job-table.ts';
import type { Reach } from './reach.ts';
import type { SettingsFile } from './settings.ts';

/** The running parts of one grid, for whoever shows or commands them. */
export interface GridParts {
  readonly config: GridConfig;
  readonly signer: Signer;
  readonly settings: SettingsFile;
  readonly directory: Directory;
  readonly friends: Friends;
  readonly roster: Roster;
  readonly reach: Reach;
  readonly ledger: Ledger;
  readonly engine: Engine;
  readonly engineKeys: EngineKeys;
  readonly jobs: LiveJobTable;
  readonly sharing: (nowMs: number) => SharingDecision;
  readonly guest: Guest;
  readonly nowMs: () => number;
  readonly workerUrl: string | undefined;
  readonly routerUrl: string | undefined;
  readonly log: Logger;
  /** undefined where no worker runs */
  readonly contributing: Contributing | undefined;
}
