import type { DoctorCheckView } from '../../contract/commands.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Home } from '../home.ts';

export interface DoctorInput {
  readonly home: Home;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** the running grid, when the doctor is called from inside it */
  readonly grid?: {
    readonly engine: Engine;
    readonly ledger: Pick<Ledger, 'verify'>;
    readonly routerUrl: string | undefined;
    readonly workerUrl: string | undefined;
  };
  /** asks a time server on the internet too; without it only peers and this machine are contacted */
  readonly online?: boolean;
  readonly deps?: Partial<DoctorDeps>;
}

/** What tests put in place of this machine. */
export interface DoctorDeps {
  readonly freeBytes: (folder: string) => number;
  readonly nowMs: () => number;
  readonly timeServer: { readonly host: string; readonly port: number };
}

/** What a check says of what it looked at; 'ok' without a hint unless it says otherwise. */
export type Finding = Partial<DoctorCheckView> & { message: string };
