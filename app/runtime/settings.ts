import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ENGINE_KINDS } from '../engine/engine-choice.ts';
import { parseOpenAiUrl } from '../engine/openai-url.ts';
import { TIERS } from '../protocol/capacity.ts';
import { isServerUrl } from '../idleclaw/server-url.ts';
import { parseRelayUrl } from '../protocol/overlay-address.ts';
import { watchFile } from '../peers/file-stamp.ts';
import { GridError } from '../protocol/errors.ts';
import { storedRulesSchema } from './guest/rules-schema.ts';
import { exclusively } from './exclusively.ts';
import { writePrivateFile } from './write-file.ts';

/** Opt-ins say in their type that they are off: then there is nothing to connect to. */
export const announceSchema = z.union([
  z.strictObject({ state: z.literal('off') }),
  z.strictObject({
    state: z.literal('on'),
    trackers: z.array(z.string().max(512)).min(1).max(8),
    url: z.string().max(512),
    label: z.string().trim().max(40),
  }),
]);
export const trackerSyncSchema = z.union([
  z.strictObject({ state: z.literal('off') }),
  z.strictObject({ state: z.literal('on'), trackers: z.array(z.string().max(512)).min(1).max(8) }),
]);
/** The address may stay empty: then it is the one that is given for trackers. */
export const nostrSchema = z.union([
  z.strictObject({ state: z.literal('off') }),
  z.strictObject({
    state: z.literal('on'),
    relays: z.array(z.string().max(512)).min(1).max(8),
    announce: z.boolean(),
    find: z.boolean(),
    /** an own switch: receipts say who asked whom, and are public for ever */
    publishReceipts: z.boolean(),
    url: z.string().max(512).default(''),
    label: z.string().trim().max(40).default(''),
  }),
]);
export const lanSchema = z.union([
  z.strictObject({ state: z.literal('off') }),
  z.strictObject({ state: z.literal('on'), announce: z.boolean(), find: z.boolean() }),
]);

const portSchema = z.int().min(0).max(65_535);

/** Reaching peers by key. Off says so in its type: then there is no socket. */
const overlaySchema = z.union([
  z.strictObject({ state: z.literal('off') }),
  z.strictObject({
    state: z.literal('on'),
    relay: z.union([
      z.literal('public'),
      z.literal('none'),
      z
        .string()
        .max(512)
        .refine((text) => parseRelayUrl(text) === text, 'no relay'),
    ]),
    relayOnly: z.boolean().default(false),
    port: portSchema.default(0),
  }),
]);

/** settings.json. Every opt-in is off until somebody turned it on; members of newer versions are kept. */
const settingsSchema = z.looseObject({
  sharing: z
    .looseObject({
      on: z.boolean().default(false),
      /** ms since 1970, 'open' until switched on again, 'charged' until the battery is */
      pausedUntil: z.union([z.number(), z.literal('open'), z.literal('charged'), z.null()]).default(null),
      /** finish what runs, then stop */
      drain: z.boolean().default(false),
      /** no socket to other machines */
      offline: z.boolean().default(false),
      /** what the owner changed of the rules in app/sharing/rules.ts */
      rules: storedRulesSchema.prefault({}),
      /** models the owner unticked */
      unsharedModels: z.array(z.string()).default([]),
      /** private mode: friends and own devices only */
      friendsOnly: z.boolean().default(false),
    })
    .prefault({}),
  worker: z
    .looseObject({
      port: portSchema.default(17474),
      concurrency: z.int().min(1).max(64).default(1),
      maxQueue: z.int().min(0).max(1000).default(8),
      /** one budget a day for all strangers together */
      giftTokensPerDay: z.int().min(0).max(1_000_000_000).default(20_000),
      tier: z.enum(TIERS).default('interactive'),
    })
    .prefault({}),
  engine: z
    .looseObject({
      kind: z.enum(ENGINE_KINDS).default('auto'),
      /** where the OpenAI-compatible engine answers; its key is kept elsewhere */
      openai: z
        .looseObject({ url: z.string().refine(isOpenAiUrl, 'not an address') })
        .nullable()
        .default(null),
    })
    .prefault({}),
  router: z
    .looseObject({
      port: portSchema.default(17475),
      /** names of the owner for models: {"gpt-4o": "qwen3:8b"} */
      aliases: z.record(z.string().min(1).max(256), z.string().min(1).max(256)).default({}),
    })
    .prefault({}),
  control: z.looseObject({ port: portSchema.default(17477) }).prefault({}),
  idleclaw: z
    .looseObject({
      contribute: z.boolean().default(false),
      /** may the router ask these servers when no peer can answer? */
      consume: z.boolean().default(false),
      servers: z.array(z.string().refine(isServerUrl, 'not the address of an IdleClaw server')).max(16).default([]),
    })
    .prefault({}),
  overlay: overlaySchema.default({ state: 'off' }),
  announce: announceSchema.default({ state: 'off' }),
  trackerSync: trackerSyncSchema.default({ state: 'off' }),
  nostr: nostrSchema.default({ state: 'off' }),
  lan: lanSchema.default({ state: 'off' }),
  peers: z
    .looseObject({
      /** strangers may send this machine to addresses of the local network: for a tracker of a LAN */
      allowPrivateAnnounced: z.boolean().default(false),
    })
    .prefault({}),
  onboardingDone: z.boolean().default(false),
});

function isOpenAiUrl(text: string): boolean {
  try {
    parseOpenAiUrl(text);
    return true;
  } catch {
    return false;
  }
}

export type Settings = z.infer<typeof settingsSchema>;

export interface SettingsFile {
  /** as the file is now: a change by hand or by another process holds a moment later */
  current(): Settings;
  /** looks at the file this moment: for whoever was told that it changed */
  lookAgain(): void;
  /** Writes durably, then holds. @throws GridError home_unwritable, leaving both as they were */
  change(next: (settings: Settings) => Settings): void;
}

/** @throws GridError settings_unreadable naming the first field that is wrong; the file stays as it is */
export function openSettingsFile(file: string): SettingsFile {
  const watched = watchFile(file);
  let stamp = watched.stampNow();
  let settings = read(file);
  return {
    lookAgain: () => void watched.stampNow(),
    current() {
      const now = watched.stamp();
      if (now === stamp) return settings;
      try {
        settings = read(file);
        stamp = now;
      } catch {
        // Somebody is editing: what held before holds until the file can be read again. `doctor` names the problem.
      }
      return settings;
    },
    change(next) {
      exclusively(file, () => {
        const changed = settingsSchema.parse(next(read(file)));
        writePrivateFile(file, `${JSON.stringify(changed, null, 2)}\n`);
        settings = changed;
        stamp = watched.stampNow();
      });
    },
  };
}

function read(file: string): Settings {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return settingsSchema.parse({});
    throw new GridError('settings_unreadable', `'${file}' cannot be read.`, { cause: error });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new GridError('settings_unreadable', `'${file}' is not valid JSON.`);
  }
  const parsed = settingsSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new GridError(
    'settings_unreadable',
    `'${file}': '${issue?.path.join('.') ?? ''}': ${issue?.message ?? 'not understood'}.`,
  );
}
