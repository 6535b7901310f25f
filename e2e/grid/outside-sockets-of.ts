import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/**
 * What these processes have open beyond this machine: TCP connections to, and listeners for, anything but loopback, and UDP
 * sockets with a far end. Linux only.
 */
export function outsideSocketsOf(pids: readonly string[]): string[] {
  return pids.flatMap((pid) => {
    const own = socketsOf(pid);
    return ['tcp', 'tcp6', 'udp', 'udp6'].flatMap((table) =>
      rowsOf(pid, table)
        .filter(
          ({ inode, local, remote, isListening }) =>
            own.has(inode) && isOutside(isListening ? local : remote, isListening),
        )
        .map(({ local, remote }) => `${table} ${local} → ${remote}`),
    );
  });
}

function socketsOf(pid: string): Set<string> {
  try {
    return new Set(
      readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
        const inode = /^socket:\[(\d+)\]$/.exec(readlinkOrEmpty(`/proc/${pid}/fd/${fd}`))?.[1];
        return inode === undefined ? [] : [inode];
      }),
    );
  } catch {
    return new Set(); // ended while we looked
  }
}

function readlinkOrEmpty(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

const LISTEN = '0A';

/** The columns of /proc/net/tcp and its kin: addresses as hex, the state, the inode (proc(5)). */
function rowsOf(pid: string, table: string) {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/net/${table}`, 'utf8');
  } catch {
    return [];
  }
  return text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .map((cells) => ({
      local: cells[1] ?? '',
      remote: cells[2] ?? '',
      isListening: table.startsWith('tcp') && cells[3] === LISTEN,
      inode: cells[9] ?? '',
    }));
}

/** 127.x.x.x and ::1 as the kernel prints them: words of four bytes, each little-endian. */
function isOutside(address: string, isListening: boolean): boolean {
  const host = address.split(':')[0] ?? '';
  const isUnset = /^0+$/.test(host);
  const isLoopback =
    /^.{6}7F$/.test(host) || host === '00000000000000000000000001000000' || /0000FFFF.{6}7F$/.test(host);
  // No far end is nobody; a listener on no address is one on all of them.
  return isUnset ? isListening : !isLoopback;
}
