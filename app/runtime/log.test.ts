import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { openLog } from './log.ts';

it('a full log makes room for a new one in mid-run, and no line is lost', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lobstah-log-'));
  const file = join(folder, 'lobstah.log');
  const log = openLog(file, 'info', 4_000);
  await vi.waitUntil(() => existsSync(file));
  for (let line = 0; line < 60; line += 1) log.info({ line }, 'something happened');
  const linesOf = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : []);
  await vi.waitUntil(() => linesOf(file).length + linesOf(`${file}.1`).length === 60, { timeout: 10_000 });
  // Which of the two a line is in depends on when the disk took it.
  expect(existsSync(`${file}.1`)).toBe(true);
  rmSync(folder, { recursive: true });
});
