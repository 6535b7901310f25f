import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { GridError } from '../protocol/errors.ts';
import { acquireRoleLock, type RoleLock } from '../store/role-lock.ts';
import type { GridConfig } from './grid-config.ts';
import type { Home } from './home.ts';

type Role = 'worker' | 'router';

const holderSchema = z.object({ pid: z.number(), url: z.string().optional() });

/**
 * A worker and a router may share a home from two processes, two of the same role may not: they would answer for one key.
 * @throws GridError already_running, saying who
 */
export function takeRoles(config: GridConfig, undo: (() => void)[]): { tell(role: Role, url: string): void } {
  const locks = new Map<Role, RoleLock>();
  for (const role of ['worker', 'router'] as const) {
    if (!config[role]) continue;
    const taken = acquireRoleLock({ file: config.home.lockFile(role), holder: { pid: process.pid } });
    if ('heldBy' in taken) throw alreadyRunning(role, taken.heldBy);
    undo.push(() => taken.release());
    locks.set(role, taken);
  }
  return { tell: (role, url) => locks.get(role)?.tell({ pid: process.pid, url }) };
}

function alreadyRunning(role: Role, heldBy: unknown): GridError {
  const holder = holderSchema.safeParse(heldBy);
  const who = holder.success ? ` (process ${holder.data.pid}${holder.data.url ? `, ${holder.data.url}` : ''})` : '';
  return new GridError('already_running', `A ${role} of this home already runs${who}.`);
}

/** Where another process of this home listens. It may be gone since: who dials finds out. */
export function runningUrl(home: Home, role: Role): string | undefined {
  try {
    const holder = holderSchema.safeParse(JSON.parse(readFileSync(`${home.lockFile(role)}.json`, 'utf8')));
    return holder.success ? holder.data.url : undefined;
  } catch {
    return undefined;
  }
}

const LOOK_EVERY_MS = 250;

/** What `look` said, at most 250 ms ago: it reads a file, and is asked with every request. */
export function recently<Result>(look: () => Result): () => Result {
  let lookedAtMs = -Infinity;
  let known: Result;
  return () => {
    if (performance.now() - lookedAtMs >= LOOK_EVERY_MS) {
      known = look();
      lookedAtMs = performance.now();
    }
    return known;
  };
}
