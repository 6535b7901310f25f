import { statfsSync, statSync } from 'node:fs';
import { createConnection } from 'node:net';
import { request } from 'undici';
import type { DoctorCheckView } from '../contract/commands.ts';
import { chooseEngine } from '../engine/choose-engine.ts';
import type { Engine } from '../engine/engine.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { openLedger } from '../ledger/open-ledger.ts';
import { readPeersFile } from '../peers/peers-file.ts';
import { createSigner } from '../protocol/ed25519.ts';
import { asGridError, type GridError } from '../protocol/errors.ts';
import { openHome, type Home } from './home.ts';
import { readIdentityFile } from './identity-file.ts';
import { runningUrl } from './roles.ts';
import { openSettingsFile } from './settings.ts';

const MIN_FREE_BYTES = 200 * 1024 * 1024;

interface DoctorInput {
  readonly home: Home;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** the running grid, when the doctor is called from inside it */
  readonly grid?: {
    readonly engine: Engine;
    readonly ledger: Pick<Ledger, 'verify'>;
    readonly routerUrl: string | undefined;
    readonly workerUrl: string | undefined;
  };
}

/** Looks at everything that a request needs, in the order in which it needs it. Changes nothing. */
export async function runDoctor(input: DoctorInput): Promise<readonly DoctorCheckView[]> {
  const checks: DoctorCheckView[] = [];
  for (const [name, check] of CHECKS) {
    try {
      checks.push({ name, status: 'ok', hint: null, ...(await check(input)) });
    } catch (thrown) {
      const error: GridError = asGridError(thrown);
      checks.push({ name, status: 'failed', message: error.message, hint: error.hint });
    }
  }
  return checks;
}

type Finding = Partial<DoctorCheckView> & { message: string };

const CHECKS: readonly (readonly [string, (input: DoctorInput) => Finding | Promise<Finding>])[] = [
  ['Home folder', homeFolder],
  ['Disk', disk],
  ['Identity', identity],
  ['Settings', settings],
  ['Peers file', peersFile],
  ['Ledger', ledger],
  ['Engine', engine],
  ['Worker', (input) => server(input, 'worker')],
  ['Router', (input) => server(input, 'router')],
];

function homeFolder({ home }: DoctorInput): Finding {
  openHome(home);
  return { message: home.folder };
}

function disk({ home }: DoctorInput): Finding {
  const { bavail, bsize } = statfsSync(home.folder);
  const free = bavail * bsize;
  const message = `${Math.round(free / 1e6).toLocaleString('en')} MB free`;
  if (free >= MIN_FREE_BYTES) return { message };
  return { status: 'warning', message, hint: 'Free some space: the ledger has to write an entry for every answer.' };
}

function identity({ home }: DoctorInput): Finding {
  const there = readIdentityFile(home.identityFile);
  if (!there)
    return {
      status: 'warning',
      message: 'There is no key yet.',
      hint: "'lobstah keygen' or the first start makes one.",
    };
  const mode = statSync(home.identityFile).mode & 0o077;
  if (mode !== 0)
    return {
      status: 'failed',
      message: 'Other accounts of this machine may read the secret key.',
      hint: `chmod 600 '${home.identityFile}'`,
    };
  return { message: there.publicKey };
}

function settings({ home }: DoctorInput): Finding {
  const { sharing } = openSettingsFile(home.settingsFile).current();
  return { message: sharing.on ? 'Sharing is switched on.' : 'Sharing is switched off.' };
}

function peersFile({ home }: DoctorInput): Finding {
  const peers = readPeersFile(home.peersFile);
  if (peers.length > 0) return { message: `${peers.length} added by hand` };
  return { message: 'none yet', hint: "'lobstah peers add KEY URL' adds one." };
}

async function ledger({ home, grid }: DoctorInput): Promise<Finding> {
  if (grid) return books(grid.ledger);
  const there = readIdentityFile(home.identityFile);
  if (!there) return { message: 'none yet' };
  const { pubkey } = createSigner(Buffer.from(there.secretKey, 'hex'));
  const opened = await openLedger({ file: home.ledgerFile, ownPubkey: pubkey });
  try {
    return await books(opened);
  } finally {
    await opened.close();
  }
}

/** Signatures take too long for a look in passing. */
async function books(opened: Pick<Ledger, 'verify'>): Promise<Finding> {
  const { ok, entries, problems, problemCount } = await opened.verify({ signatures: false });
  if (ok) return { message: `${entries} entries, the books balance to zero` };
  const [first] = problems;
  return {
    status: 'failed',
    message: `${problemCount} things are wrong, first ${first?.name ?? ''}: ${first?.what ?? ''}.`,
    hint: "'lobstah ledger verify' names all of them; put the ledger back from a backup.",
  };
}

async function engine({ env, home, grid }: DoctorInput): Promise<Finding> {
  const chosen = grid?.engine ?? chooseEngine({ env, modelsFolder: home.modelsFolder });
  try {
    const status = await chosen.status(AbortSignal.timeout(5_000));
    if (!status.reachable)
      return {
        status: 'failed',
        message: status.problem ?? 'The engine does not answer.',
        hint: "Start it: 'ollama serve'.",
      };
    const models = await chosen.models(AbortSignal.timeout(5_000));
    const where = `${status.engine}${status.version ? ` ${status.version}` : ''} at ${status.where}`;
    if (models.length === 0)
      return { status: 'failed', message: `${where} has no models.`, hint: "Pull one: 'ollama pull llama3.2'." };
    if (status.engine === 'sample')
      return {
        status: 'warning',
        message: 'Only the sample model is there: it answers, but knows next to nothing.',
        hint: "Install Ollama and pull a model ('ollama pull llama3.2'); Lobstah notices by itself.",
      };
    return { message: `${where}: ${models.length} models` };
  } finally {
    if (!grid) await chosen.close();
  }
}

async function server({ home, grid }: DoctorInput, role: 'worker' | 'router'): Promise<Finding> {
  const running = role === 'worker' ? grid?.workerUrl : grid?.routerUrl;
  const { port } = openSettingsFile(home.settingsFile).current()[role];
  const url = running ?? runningUrl(home, role) ?? `http://127.0.0.1:${port}`;
  const name = await serverName(url);
  if (name === `lobstah-${role}`) return { message: `answers at ${url}` };
  if (name === undefined && !(await isTaken(port)))
    return { status: 'warning', message: 'is not running', hint: `'lobstah ${role} start' or 'lobstah up' starts it.` };
  return {
    status: 'failed',
    message: `Port ${port} is held by ${name ?? 'a program that is not Lobstah'}.`,
    hint: `Stop that program ('lsof -i :${port}' names it), or choose another port with '--port'.`,
  };
}

async function serverName(url: string): Promise<string | undefined> {
  try {
    const { body } = await request(`${url}/`, { signal: AbortSignal.timeout(2_000) });
    const { name } = (await body.json()) as { name?: unknown };
    return typeof name === 'string' ? name.slice(0, 60) : undefined;
  } catch {
    return undefined;
  }
}

function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1', timeout: 1_000 });
    const answer = (taken: boolean) => () => {
      socket.destroy();
      resolve(taken);
    };
    socket.once('connect', answer(true)).once('error', answer(false)).once('timeout', answer(false));
  });
}
