import { statfsSync, statSync } from 'node:fs';
import type { DoctorCheckView } from '../contract/commands.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { openLedger } from '../ledger/open-ledger.ts';
import { readFriendsFile } from '../peers/friends-file.ts';
import { readPeersFile } from '../peers/peers-file.ts';
import { createSigner } from '../protocol/ed25519.ts';
import { asGridError, type GridError } from '../protocol/errors.ts';
import { judgeClock } from './doctor/clock.ts';
import { checkEngine } from './doctor/engine-check.ts';
import type { DoctorDeps, DoctorInput, Finding } from './doctor/finding.ts';
import { checkOverlay } from './doctor/overlay-check.ts';
import { checkPeers } from './doctor/peer-checks.ts';
import { checkDashboard, checkServer } from './doctor/server-checks.ts';
import { askTimeServer } from './doctor/sntp.ts';
import { openHome } from './home.ts';
import { readIdentityFile } from './identity-file.ts';
import { openSettingsFile } from './settings.ts';

/** Below the one the ledger may stop at any moment, below the other soon. */
const FULL_BYTES = 20 * 1024 * 1024;
const LOW_BYTES = 200 * 1024 * 1024;

const DEFAULTS: DoctorDeps = {
  freeBytes(folder) {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  },
  nowMs: Date.now,
  timeServer: { host: process.platform === 'darwin' ? 'time.apple.com' : 'pool.ntp.org', port: 123 },
};

/** Looks at everything that a request needs, in the order in which it needs it. Changes nothing. */
export async function runDoctor(input: DoctorInput): Promise<readonly DoctorCheckView[]> {
  const checks: DoctorCheckView[] = [];
  for (const [name, check] of CHECKS) checks.push(await look(name, () => check(input)));
  const { nowMs, timeServer } = { ...DEFAULTS, ...input.deps };
  const peers = await checkPeers(input, nowMs);
  const serverOffsetMs = input.online ? ((await askTimeServer(timeServer, nowMs)) ?? null) : undefined;
  const clock = await look('Clock', () => judgeClock({ peerOffsetsMs: peers.offsetsMs, serverOffsetMs }));
  return [...checks, ...peers.checks, clock];
}

/** What a check throws is what it found. */
async function look(name: string, check: () => Finding | Promise<Finding>): Promise<DoctorCheckView> {
  try {
    return { name, status: 'ok', hint: null, ...(await check()) };
  } catch (thrown) {
    const error: GridError = asGridError(thrown);
    return { name, code: error.code, status: 'failed', message: error.message, hint: error.hint };
  }
}

const CHECKS: readonly (readonly [string, (input: DoctorInput) => Finding | Promise<Finding>])[] = [
  ['Home folder', homeFolder],
  ['Disk', disk],
  ['Identity', identity],
  ['Settings', settings],
  ['Peers file', peersFile],
  ['Friends file', friendsFile],
  ['Ledger', ledger],
  ['Engine', checkEngine],
  ['Worker', (input) => checkServer(input, 'worker')],
  ['Router', (input) => checkServer(input, 'router')],
  ['Dashboard', checkDashboard],
  ['Overlay', checkOverlay],
];

function homeFolder({ home }: DoctorInput): Finding {
  openHome(home);
  return { message: home.folder };
}

function disk({ home, deps }: DoctorInput): Finding {
  const free = { ...DEFAULTS, ...deps }.freeBytes(home.folder);
  const message = `${Math.round(free / 1e6).toLocaleString('en')} MB free`;
  if (free >= LOW_BYTES) return { message };
  return {
    code: 'disk_full',
    status: free < FULL_BYTES ? 'failed' : 'warning',
    message,
    hint: 'Free some space: the ledger has to write an entry for every answer.',
  };
}

function identity({ home }: DoctorInput): Finding {
  const there = readIdentityFile(home.identityFile);
  if (!there)
    return {
      code: 'identity_none',
      status: 'warning',
      message: 'There is no key yet.',
      hint: "'lobstah keygen' or the first start makes one.",
    };
  const mode = statSync(home.identityFile).mode & 0o077;
  if (mode !== 0)
    return {
      code: 'identity_readable_by_others',
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

function friendsFile({ home }: DoctorInput): Finding {
  const { friends } = readFriendsFile(home.friendsFile);
  return { message: friends.length > 0 ? `${friends.length} friends and devices` : 'none yet' };
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
    code: 'ledger_unbalanced',
    status: 'failed',
    message: `${problemCount} things are wrong, first ${first?.name ?? ''}: ${first?.what ?? ''}.`,
    hint: "'lobstah ledger verify' names all of them; put the ledger back from a backup.",
  };
}
