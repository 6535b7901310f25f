import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { GridError } from '../../protocol/errors.ts';
import { PROVIDER_ID } from '../plugin/names.ts';
import type { OpenclawCommand } from './openclaw-command.ts';

/** What openclaw says about itself. */
export interface OpenclawState {
  readonly version: string;
  readonly configFile: string;
  readonly plugin: { readonly version: string | null; readonly folder: string; readonly enabled: boolean } | null;
  readonly provider: { readonly baseUrl: string } | null;
  readonly defaultModel: string | null;
  /** keys it has stored for the grid, by the name of their profile */
  readonly profiles: readonly string[];
}

/** The oldest openclaw whose plugin API this plugin was written for. */
const OLDEST = [2026, 9] as const;

const pluginsSchema = z.object({
  plugins: z.array(
    z.object({ id: z.string(), version: z.string().nullish(), rootDir: z.string(), enabled: z.boolean() }),
  ),
});
const providerSchema = z.object({ baseUrl: z.string() });
const modelSchema = z.union([z.string(), z.object({ primary: z.string().optional() })]);
const profilesSchema = z.object({ profiles: z.array(z.object({ id: z.string(), provider: z.string() })) });

/** @throws GridError openclaw_failed, also where it is too old */
export async function lookAtOpenclaw(command: OpenclawCommand, signal?: AbortSignal): Promise<OpenclawState> {
  const version = await readVersion(command, signal);
  const ask = (...args: string[]) => command.tryRun(args, signal);
  const [file, plugins, provider, model, profiles] = await Promise.all([
    command.run(['config', 'file'], signal),
    command.run(['plugins', 'list', '--json'], signal),
    ask('config', 'get', `models.providers.${PROVIDER_ID}`, '--json'),
    ask('config', 'get', 'agents.defaults.model', '--json'),
    ask('models', 'auth', 'list', '--json'),
  ]);
  const plugin = parse(pluginsSchema, plugins)?.plugins.find(({ id }) => id === PROVIDER_ID);
  const chosen = parse(modelSchema, model);
  return {
    version,
    configFile: file.trim().split('\n').at(-1)?.replace(/^~/, homedir()) ?? join(homedir(), '.openclaw/openclaw.json'),
    plugin: plugin ? { version: plugin.version ?? null, folder: plugin.rootDir, enabled: plugin.enabled } : null,
    provider: parse(providerSchema, provider) ?? null,
    defaultModel: (typeof chosen === 'string' ? chosen : chosen?.primary) ?? null,
    profiles: (parse(profilesSchema, profiles)?.profiles ?? [])
      .filter((profile) => profile.provider === PROVIDER_ID)
      .map(({ id }) => id),
  };
}

async function readVersion(command: OpenclawCommand, signal?: AbortSignal): Promise<string> {
  const text = await command.run(['--version'], signal);
  const [version, year = 0, month = 0] =
    /(\d+)\.(\d+)\.\d+\S*/.exec(text)?.map((part, at) => (at === 0 ? part : Number(part))) ?? [];
  if (typeof version !== 'string')
    throw new GridError('openclaw_failed', `'${command.path}' does not say which version it is.`);
  if (Number(year) < OLDEST[0] || (Number(year) === OLDEST[0] && Number(month) < OLDEST[1]))
    throw new GridError(
      'openclaw_failed',
      `openclaw ${version} is too old for this plugin: it needs ${OLDEST.join('.')} or newer ('openclaw update').`,
    );
  return version;
}

/** @returns undefined for what is absent or not understood */
function parse<Value>(schema: z.ZodType<Value>, text: string | undefined): Value | undefined {
  if (text === undefined) return undefined;
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
