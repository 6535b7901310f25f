import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { OpenclawState } from './openclaw-state.ts';
import type { Before } from './plan.ts';

const beforeSchema = z.object({
  plugin: z.object({ version: z.string().nullable(), folder: z.string(), enabled: z.boolean() }).nullable(),
  provider: z.object({ baseUrl: z.string() }).nullable(),
  defaultModel: z.string().nullable(),
  profiles: z.array(z.string()),
});

/** What openclaw was like before the first installation, in the home folder of Lobstah, until it is undone. */
export interface BeforeFile {
  read(): Before | undefined;
  /** Keeps copies of openclaw's settings and of a plugin that is there already. A second call changes nothing. */
  keep(state: OpenclawState): void;
  /** the folder of the plugin that was there */
  keptPlugin(): string | undefined;
  /**
   * Puts the file of settings back byte for byte when it says what it said before anyway, but for the order and the notes
   * openclaw makes about itself. @returns whether it did
   */
  restoreSettings(configFile: string): boolean;
  forget(): void;
}

export function openBeforeFile(folder: string): BeforeFile {
  const record = join(folder, 'before.json');
  const settings = join(folder, 'openclaw.json');
  const plugin = join(folder, 'plugin');
  return {
    read() {
      if (!existsSync(record)) return undefined;
      return beforeSchema.safeParse(JSON.parse(readFileSync(record, 'utf8'))).data;
    },
    keep(state) {
      if (existsSync(record)) return;
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      if (existsSync(state.configFile)) {
        copyFileSync(state.configFile, settings);
      }
      if (state.plugin) cpSync(state.plugin.folder, plugin, { recursive: true });
      const { plugin: was, provider, defaultModel, profiles } = state;
      const before: Before = { plugin: was, provider, defaultModel, profiles };
      writeFileSync(`${record}.new`, `${JSON.stringify(before, null, 2)}\n`, { mode: 0o600, flush: true });
      renameSync(`${record}.new`, record);
    },
    keptPlugin: () => (existsSync(plugin) ? plugin : undefined),
    restoreSettings(configFile) {
      if (!existsSync(settings) || !existsSync(configFile)) return false;
      if (!saysTheSame(readFileSync(settings, 'utf8'), readFileSync(configFile, 'utf8'))) return false;
      copyFileSync(settings, `${configFile}.lobstah-undo`);
      renameSync(`${configFile}.lobstah-undo`, configFile);
      return true;
    },
    forget: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** openclaw notes in `meta` when it wrote last, and leaves empty objects where something was taken out. */
export function saysTheSame(one: string, other: string): boolean {
  try {
    return canonical(JSON.parse(one)) === canonical(JSON.parse(other));
  } catch {
    return false; // JSON5 written by hand: then what openclaw wrote stays
  }
}

function canonical(value: unknown): string {
  return JSON.stringify(pruned(value, true)) ?? '';
}

function pruned(value: unknown, isTop = false): unknown {
  if (Array.isArray(value)) return value.map((item) => pruned(item));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value)
    .filter(([name]) => !(isTop && name === 'meta'))
    .map(([name, member]) => [name, pruned(member)] as const)
    .filter(([, member]) => !(typeof member === 'object' && member !== null && Object.keys(member).length === 0))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members);
}
