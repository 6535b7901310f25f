import { accessSync, constants, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { GridError } from '../protocol/errors.ts';

/** Where everything of one Lobstah lives. App and command line share it. */
export interface Home {
  readonly folder: string;
  readonly identityFile: string;
  readonly peersFile: string;
  /** whom the owner removed or blocked, whatever source announces them */
  readonly refusedPeersFile: string;
  /** what `peers sync` found last */
  readonly foundPeersFile: string;
  /** friends, own devices, and invites */
  readonly friendsFile: string;
  readonly settingsFile: string;
  readonly ledgerFile: string;
  /** what was given away over IdleClaw */
  readonly givenFile: string;
  readonly modelsFolder: string;
  /** what openclaw's settings were before it was connected */
  readonly openclawFolder: string;
  /** the key of an OpenAI-compatible engine, where there is no keychain */
  readonly engineKeyFile: string;
  readonly logFile: string;
  lockFile(role: 'worker' | 'router' | 'overlay'): string;
  /** empty when the path would be too long for a socket */
  readonly controlSocket: string;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Longest path of a unix socket on macOS in bytes, less the closing zero (sys/un.h). */
const MAX_SOCKET_PATH = 103;

/** LOBSTAH_HOME, else ~/.lobstah. The variables of v1 for single files hold too. Touches nothing. */
export function findHome(env: Env): Home {
  const folder = resolve(env['LOBSTAH_HOME'] || join(homedir(), '.lobstah'));
  const socket = join(folder, 'control.sock');
  return {
    folder,
    identityFile: env['LOBSTAH_IDENTITY'] || join(folder, 'identity.json'),
    peersFile: env['LOBSTAH_PEERS'] || join(folder, 'peers.json'),
    refusedPeersFile: join(folder, 'refused-peers.json'),
    foundPeersFile: join(folder, 'found-peers.json'),
    friendsFile: join(folder, 'friends.json'),
    settingsFile: join(folder, 'settings.json'),
    ledgerFile: join(folder, 'ledger.sqlite'),
    givenFile: join(folder, 'idleclaw-given.json'),
    modelsFolder: join(folder, 'models'),
    openclawFolder: join(folder, 'openclaw'),
    engineKeyFile: join(folder, 'engine-key.json'),
    logFile: join(folder, 'logs', 'lobstah.log'),
    lockFile: (role) => join(folder, 'run', `${role}.lock`),
    controlSocket: Buffer.byteLength(socket) <= MAX_SOCKET_PATH ? socket : '',
  };
}

/** @throws GridError home_unwritable naming the folder */
export function openHome(home: Home): void {
  try {
    for (const folder of [home.folder, join(home.folder, 'run'), join(home.folder, 'logs')])
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(home.folder, constants.W_OK | constants.X_OK);
    accessSync(join(home.folder, 'run'), constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new GridError('home_unwritable', `The home folder '${home.folder}' cannot be written.`, { cause: error });
  }
}
