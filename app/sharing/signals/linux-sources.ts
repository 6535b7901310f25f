import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Signals } from '../signals.ts';
import {
  parseCpuTimes,
  parseMeminfo,
  parseMetered,
  parsePowerSupplies,
  parseProcessTimes,
  parseSeatedSessions,
  parseSession,
} from './linux-parse.ts';
import { OURS } from './mac-parse.ts';
import type { RunProgram } from './run-program.ts';
import type { SignalSource } from './source.ts';

export interface LinuxDeps {
  readonly run: RunProgram;
  /** '/', or where a test has its own /sys and /proc */
  readonly root: string;
  /** is anything asked about programs and their share of the processor? Reading all of /proc is for who wants it. */
  readonly wantsProcesses: () => boolean;
}

/** What a Linux machine shows. Where there is no logind and no NetworkManager their programs are missing, and nothing is known. */
export function linuxSources(deps: LinuxDeps): readonly SignalSource[] {
  const read = (path: string): string => readFileSync(join(deps.root, path), 'utf8');
  // Where they do not run, asking would start a program every five seconds for nothing.
  const isThere = (folder: string): boolean => existsSync(join(deps.root, folder));
  const processes = createProcesses(deps, read);
  return [
    { name: '/sys/class/power_supply', cost: 'dear', read: () => parsePowerSupplies(powerSupplies(deps.root)) },
    { name: '/proc/meminfo', cost: 'dear', read: () => parseMeminfo(read('proc/meminfo')) },
    { name: '/proc/stat', cost: 'dear', read: () => (deps.wantsProcesses() ? processes() : {}) },
    {
      name: 'loginctl',
      cost: 'dear',
      async read(signal) {
        if (!isThere('run/systemd/seats')) return {};
        const [session] = parseSeatedSessions(await deps.run('loginctl', ['list-sessions', '--no-legend'], signal));
        if (session === undefined) return {};
        const wanted = ['Type', 'State', 'LockedHint', 'IdleHint', 'IdleSinceHintMonotonic'].flatMap((name) => [
          '-p',
          name,
        ]);
        const text = await deps.run('loginctl', ['show-session', session, ...wanted], signal);
        return parseSession(text, Number(read('proc/uptime').split(' ')[0]));
      },
    },
    {
      name: 'NetworkManager',
      cost: 'dear',
      async read(signal) {
        if (!isThere('run/NetworkManager')) return {};
        const name = 'org.freedesktop.NetworkManager';
        const path = '/org/freedesktop/NetworkManager';
        return parseMetered(await deps.run('busctl', ['get-property', name, path, name, 'Metered'], signal));
      },
    },
  ];
}

function powerSupplies(root: string) {
  const folder = join(root, 'sys/class/power_supply');
  return readdirSync(folder).map((name) => {
    const file = (member: string): string | undefined => {
      try {
        return readFileSync(join(folder, name, member), 'utf8').trim();
      } catch {
        return undefined; // not every supply has every file
      }
    };
    return {
      type: file('type'),
      online: file('online'),
      status: file('status'),
      capacity: file('capacity'),
      scope: file('scope'),
    };
  });
}

/** All that ran between two looks, less what the engine and Lobstah did. */
function createProcesses({ root }: LinuxDeps, read: (path: string) => string): () => Signals {
  let last: { busy: number; total: number; ours: number } | undefined;
  return () => {
    const times = parseCpuTimes(read('proc/stat'));
    const programs = new Set<string>();
    let ours = 0;
    for (const pid of readdirSync(join(root, 'proc'))) {
      if (!/^\d+$/.test(pid)) continue;
      let process: ReturnType<typeof parseProcessTimes>;
      try {
        process = parseProcessTimes(read(`proc/${pid}/stat`));
      } catch {
        continue; // it ended meanwhile
      }
      if (!process) continue;
      programs.add(process.name);
      if (OURS.test(process.name)) ours += process.ticks;
    }
    const before = last;
    last = times && { ...times, ours };
    const passed = times && before ? times.total - before.total : 0;
    const others = times && before ? times.busy - before.busy - Math.max(0, ours - before.ours) : 0;
    return {
      programs: [...programs],
      ...(passed > 0 ? { otherCpuShare: Math.min(1, Math.max(0, others / passed)) } : {}),
    };
  };
}
