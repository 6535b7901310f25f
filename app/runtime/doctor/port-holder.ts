import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

/** Who listens at a port, as far as this account may know. */
export interface PortHolder {
  readonly pid: number | undefined;
  /** of the process: 'node', 'ollama' */
  readonly name: string | undefined;
  /** of its account, when it is not this one's */
  readonly uid: number | undefined;
}

const LSOF_TIMEOUT_MS = 5_000;

/** @returns undefined when nobody listens there, or the system does not tell */
export async function findPortHolder(port: number): Promise<PortHolder | undefined> {
  return process.platform === 'linux' ? holderInProc(port) : holderByLsof(port);
}

/** 'Port 17474 is held by node (process 4711)' */
export function holderWords({ pid, name, uid }: PortHolder): string {
  if (pid !== undefined) return `${name ?? 'a program'} (process ${pid})`;
  return uid === undefined ? 'a program' : `a program of another account (user ${uid})`;
}

/**
 * What `lsof -nP -iTCP:<port> -sTCP:LISTEN -Fpcu` prints: one field a line, a letter and its value, a new process at each `p`.
 * @returns the first process
 */
export function parseLsof(text: string): PortHolder | undefined {
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    const letter = line[0];
    if (letter === undefined) continue;
    if (letter === 'p' && fields.has('p')) break;
    fields.set(letter, line.slice(1));
  }
  const pid = Number(fields.get('p'));
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  const uid = fields.get('u');
  return { pid, name: fields.get('c')?.replaceAll('\\x20', ' '), uid: uid === undefined ? undefined : Number(uid) };
}

/** Only what lsof may see: without root, the processes of this account. */
function holderByLsof(port: number): Promise<PortHolder | undefined> {
  return new Promise((resolve) => {
    const args = ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpcu'];
    // Exit 1 means nobody, and a system without lsof tells nothing either.
    execFile('lsof', args, { timeout: LSOF_TIMEOUT_MS }, (_error, stdout) => resolve(parseLsof(stdout)));
  });
}

interface ListeningSocket {
  readonly inode: string;
  readonly uid: number;
}

const LISTEN_STATE = '0A';

/** /proc/net/tcp and tcp6 (proc_net_tcp.rst of the kernel): state and port in hexadecimal, the uid in decimal. */
export function parseProcNetTcp(text: string, port: number): ListeningSocket | undefined {
  for (const line of text.split('\n').slice(1)) {
    const [, local = '', , state, , , , uid, , inode] = line.trim().split(/\s+/);
    if (state !== LISTEN_STATE || inode === undefined) continue;
    if (parseInt(local.slice(local.lastIndexOf(':') + 1), 16) === port) return { inode, uid: Number(uid) };
  }
  return undefined;
}

function holderInProc(port: number): PortHolder | undefined {
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    const socket = parseProcNetTcp(read(table), port);
    if (!socket) continue;
    const pid = pidOfSocket(socket.inode);
    if (pid === undefined) return { pid, name: undefined, uid: socket.uid };
    return { pid, name: programName(pid), uid: socket.uid };
  }
  return undefined;
}

/** Other accounts' file descriptors cannot be read: then nobody is found. */
function pidOfSocket(inode: string): number | undefined {
  for (const pid of list('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    for (const fd of list(`/proc/${pid}/fd`)) {
      try {
        if (readlinkSync(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`) return Number(pid);
      } catch {
        continue; // closed since
      }
    }
  }
  return undefined;
}

/** `comm` is the name of the main thread, which Node calls 'MainThread': the file that runs says more. */
function programName(pid: number): string | undefined {
  try {
    return basename(readlinkSync(`/proc/${pid}/exe`));
  } catch {
    return read(`/proc/${pid}/comm`).trim() || undefined;
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
