import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { acquireRoleLock } from './role-lock.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

const SCRIPT = fileURLToPath(new URL('./testing/hold-role.ts', import.meta.url));

async function startHolder(file: string): Promise<{ child: ChildProcess; said: unknown; closed: Promise<unknown> }> {
  const child = spawn(process.execPath, [SCRIPT, file, '17474'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  const [text] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, said: JSON.parse(text.toString()), closed };
}

it('is held by one process at a time, and the other is told who it is', { timeout: 60_000 }, async () => {
  using folder = temporaryFolder();
  const file = folder.path('worker.lock');
  const first = await startHolder(file);
  expect(first.said).toBe('taken');
  const holder = { pid: first.child.pid, port: 17474, startedAt: 1 };
  const second = await startHolder(file);
  expect(second.said).toEqual(holder);
  await second.closed;
  expect(acquireRoleLock({ file, holder: { pid: process.pid } })).toEqual({ heldBy: holder });
  expect(JSON.parse(readFileSync(`${file}.json`, 'utf8'))).toEqual(holder);

  first.child.stdin!.end();
  await first.closed;
  expect(existsSync(`${file}.json`)).toBe(false);
  const third = await startHolder(file);
  expect(third.said).toBe('taken');
  third.child.stdin!.end();
  await third.closed;
});

it('is free the moment its holder is killed with -9', { timeout: 60_000 }, async () => {
  using folder = temporaryFolder();
  const file = folder.path('worker.lock');
  for (let round = 0; round < 3; round += 1) {
    const { child, said, closed } = await startHolder(file);
    expect(said).toBe('taken');
    child.kill('SIGKILL');
    await closed;
  }
  const taken = acquireRoleLock({ file, holder: { pid: process.pid } });
  expect('heldBy' in taken).toBe(false);
  if (!('heldBy' in taken)) taken.release();
});

it('holds within one process too; each role has its own; releasing twice is harmless', () => {
  using folder = temporaryFolder();
  const take = (role: string) => acquireRoleLock({ file: folder.path(role), holder: { pid: 1 } });
  const worker = take('worker');
  const router = take('router');
  if ('heldBy' in worker || 'heldBy' in router) throw new Error('a free lock was not given');
  expect(take('worker')).toEqual({ heldBy: { pid: 1 } });
  worker.release();
  const again = take('worker');
  if ('heldBy' in again) throw new Error('a released lock was not given');
  worker.release();
  expect(take('worker')).toEqual({ heldBy: { pid: 1 } });
  again.release();
  router.release();
});

it('counts also when nobody can read who has it, and says when it cannot be made', () => {
  using folder = temporaryFolder();
  const file = folder.path('worker.lock');
  const taken = acquireRoleLock({ file, holder: { pid: 1 } });
  writeFileSync(`${file}.json`, '{"pid":');
  expect(acquireRoleLock({ file, holder: { pid: 2 } })).toEqual({ heldBy: {} });
  if (!('heldBy' in taken)) taken.release();
  expect(() => acquireRoleLock({ file: folder.path('no/lock'), holder: { pid: 1 } })).toThrow(
    expect.objectContaining({ code: 'home_unwritable' }) as Error,
  );
});
