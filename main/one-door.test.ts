import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const sources = globSync('{app,main,renderer}/**/*.{ts,tsx}', { cwd: ROOT }).filter((file) => !file.includes('.test.'));
const filesWith = (word: RegExp) => sources.filter((file) => word.test(readFileSync(join(ROOT, file), 'utf8')));

it('one file listens to pages, and one script talks to it', () => {
  expect(sources.length).toBeGreaterThan(100);
  expect(filesWith(/\bipcMain\b/)).toEqual(['main/ipc.ts']);
  expect(filesWith(/\b(contextBridge|ipcRenderer)\b/)).toEqual(['main/preload.ts']);
});

it('windows are made in one file, with the hardened preferences', () => {
  expect(filesWith(/new BrowserWindow\(/)).toEqual(['main/windows/page-window.ts']);
  const maker = readFileSync(join(ROOT, 'main/windows/page-window.ts'), 'utf8');
  // After what a caller asks for, so that no caller can undo it.
  expect(maker).toMatch(/\.\.\.webPreferences,\s*\.\.\.PAGE_PREFERENCES,/);
});

it('addresses are handed to the system in one file, from its list', () => {
  expect(filesWith(/openExternal/)).toEqual(['main/outside-links.ts']);
});
