import type { Dispatcher } from 'undici';
import type { CommandArgs } from '../contract/commands.ts';
import type { Engine } from '../engine/engine.ts';
import type { SecretStore } from './engine-keys.ts';
import type { EngineLimits } from '../worker/engine-limits.ts';
import type { NodeTiming } from '../idleclaw/node/giving.ts';
import type { SignalSource } from '../sharing/signals/source.ts';
import type { AnnounceWish } from '../peers/announcer.ts';
import type { Home } from './home.ts';
import type { EngineHost } from './own-engine.ts';

/** One server of this process. Ports: 0 takes a free one, undefined the one in settings. */
export interface ServerConfig {
  readonly port?: number | undefined;
  /** 127.0.0.1 unless the owner said otherwise */
  readonly host?: string | undefined;
  /** Host names answered to besides loopback */
  readonly allowedHosts?: readonly string[] | undefined;
}

export interface RouterConfig extends ServerConfig {
  /** what clients must show; undefined lets every program of this machine in */
  readonly apiKey?: string | undefined;
}

export interface WorkerConfig extends ServerConfig {
  /** 'always': started to share, whatever the switch says (`lobstah worker start`). 'switch': as the owner set it. */
  readonly sharing: 'always' | 'switch';
  /** false: no port is opened, others reach this worker through IdleClaw only */
  readonly listens?: boolean | undefined;
  /** said on the command line for this run; otherwise settings decide */
  readonly announce?: AnnounceWish | undefined;
}

export interface GridConfig {
  readonly home: Home;
  readonly worker?: WorkerConfig | undefined;
  readonly router?: RouterConfig | undefined;
  /** IdleClaw servers to contribute to, whatever the settings say (`lobstah contribute`) */
  readonly contributeTo?: readonly string[] | undefined;
  /** opens the control socket in the home folder */
  readonly control?: boolean | undefined;
  /** serves the built pages and the contract to a browser on this machine */
  readonly dashboard?: { readonly port?: number | undefined; readonly pagesFolder: string } | undefined;
  /** the folder of the built openclaw plugin */
  readonly openclawPlugin?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
}

export type { SignalSource };

/** What only a shell with windows can do. Arguments have been parsed. */
export interface GridShell {
  showWindow(args: CommandArgs<'showWindow'>): Promise<void> | void;
  hidePopover(): void;
  /** @param address the router's, for a client's base URL */
  copyText(address: string): void;
  openLink(args: CommandArgs<'openLink'>): Promise<void> | void;
  /** undefined where the system has no such thing */
  readonly startAtLogin: { isOn(): boolean; set(on: boolean): void } | undefined;
}

/** What tests and the app's main process put in place of the defaults. */
export interface GridOverrides {
  readonly engine?: Engine;
  /** how llama.cpp is run, when the code is bundled */
  readonly engineHost?: EngineHost;
  /** the keychain, where the shell has one */
  readonly secrets?: SecretStore;
  readonly engineLimits?: EngineLimits;
  readonly dispatcher?: Dispatcher;
  readonly nowMs?: () => number;
  readonly nodeTiming?: NodeTiming;
  /** what the shell sees of the machine; believed before what the system's programs say */
  readonly signals?: readonly SignalSource[];
  /** keeps the machine from falling asleep; called with false within a second after the last answer */
  readonly keepAwake?: (on: boolean) => void;
  /** where the script of the ledger's threads is, when the code is bundled */
  readonly ledgerThreadUrl?: URL;
  /** the app's windows; without it commands for them are refused */
  readonly shell?: GridShell;
}
