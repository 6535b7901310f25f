import { z } from 'zod';
import type { CommandArgs, CommandName } from '../../contract/commands.ts';
import { ENGINE_KINDS } from '../../engine/engine-choice.ts';
import { MAX_FRIEND_TOKENS_PER_DAY } from '../../peers/friends-file.ts';
import { CIRCLES, MAX_INVITE_ADDRESSES, MAX_LABEL_CHARACTERS } from '../../protocol/invite.ts';
import { epochMsSchema, pubkeySchema } from '../../protocol/receipt.ts';
import { rulesPatchSchema } from '../guest/rules-schema.ts';
import { announceSchema, lanSchema, nostrSchema, trackerSyncSchema } from '../settings.ts';

const nothing = z.strictObject({});
const jobId = z.string().min(1).max(128);
const model = z.string().min(1).max(256);
const label = z.string().trim().min(1).max(80);
const circle = z.enum(CIRCLES);
const inviteId = z.string().min(1).max(64);
const inviteLink = z.string().max(4000);
const inviteAddresses = z.array(z.string().max(512)).max(MAX_INVITE_ADDRESSES);
const inviteLabel = z.string().trim().max(MAX_LABEL_CHARACTERS);
const tokensPerDay = z.int().min(0).max(MAX_FRIEND_TOKENS_PER_DAY);
const promptId = z.string().min(1).max(64);

/** Arguments come through doors anybody may knock at: each is parsed, unknown members are refused. */
export const COMMAND_SCHEMAS = {
  setSharing: z.strictObject({ on: z.boolean() }),
  pauseSharing: z.strictObject({
    minutes: z
      .int()
      .min(1)
      .max(60 * 24 * 30)
      .nullable(),
  }),
  pauseSharingUntil: z.strictObject({ until: z.enum(['morning', 'charged']) }),
  resumeSharing: nothing,
  drainSharing: nothing,
  setOffline: z.strictObject({ offline: z.boolean() }),
  changeSharingRules: rulesPatchSchema,
  setModelShared: z.strictObject({ model, shared: z.boolean() }),
  stopJob: z.strictObject({ jobId }),
  addPeer: z.strictObject({
    pubkey: z.string().max(200),
    url: z.string().max(2000),
    label: z.string().trim().max(80).optional(),
  }),
  renamePeer: z.strictObject({ pubkey: pubkeySchema, label }),
  setPeerBlocked: z.strictObject({ pubkey: pubkeySchema, blocked: z.boolean() }),
  removePeer: z.strictObject({ pubkey: pubkeySchema }),
  checkPeer: z.strictObject({ pubkey: pubkeySchema }),
  setOverlay: z.union([
    z.strictObject({ state: z.literal('off') }),
    z.strictObject({
      state: z.literal('on'),
      relay: z.string().max(512),
      relayOnly: z.boolean(),
      port: z.int().min(0).max(65_535).optional(),
    }),
  ]),
  createInvite: z.strictObject({
    circle,
    label: inviteLabel.optional(),
    expiresInHours: z
      .number()
      .min(0.01)
      .max(24 * 365)
      .optional(),
    tokensPerDay: tokensPerDay.optional(),
    friendUntilMs: epochMsSchema.nullable().optional(),
    addresses: inviteAddresses.optional(),
  }),
  withdrawInvite: z.strictObject({ inviteId }),
  readInvite: z.strictObject({ link: inviteLink }),
  acceptInvite: z.strictObject({
    link: inviteLink,
    circle,
    label: inviteLabel.optional(),
    tokensPerDay: tokensPerDay.optional(),
    addresses: inviteAddresses.optional(),
  }),
  forgetInvite: z.strictObject({ inviteId }),
  confirmFriend: z.strictObject({ pubkey: pubkeySchema, circle }),
  refuseFriend: z.strictObject({ pubkey: pubkeySchema, circle }),
  changeFriend: z.strictObject({
    pubkey: pubkeySchema,
    label: label.optional(),
    tokensPerDay: tokensPerDay.optional(),
    untilMs: epochMsSchema.nullable().optional(),
  }),
  removeFriend: z.strictObject({ pubkey: pubkeySchema }),
  setFriendsOnly: z.strictObject({ on: z.boolean() }),
  setAnnounce: announceSchema,
  setTrackerSync: trackerSyncSchema,
  setNostr: nostrSchema,
  setLan: lanSchema,
  getOverview: z.strictObject({ days: z.union([z.literal(7), z.literal(30), z.literal(365)]) }),
  getLedgerPage: z.strictObject({
    limit: z.int().min(1).max(500),
    cursor: z.string().max(100).optional(),
    search: z.string().max(200).optional(),
    kind: z.enum(['served', 'asked', 'own', 'given', 'disputed']).optional(),
  }),
  getLedgerEntry: z.strictObject({ jobId }),
  verifyLedgerEntry: z.strictObject({ jobId }),
  startLedgerCheck: nothing,
  getLedgerCheck: nothing,
  stopLedgerCheck: nothing,
  exportLedger: z.strictObject({ format: z.enum(['csv', 'json']) }),
  startPrompt: z.strictObject({ prompt: z.string().min(1).max(100_000), model: model.nullable() }),
  stopPrompt: z.strictObject({ promptId }),
  startDownload: nothing,
  stopDownload: nothing,
  lookAtOpenclaw: nothing,
  connectOpenclaw: z.strictObject({ makeDefault: z.boolean() }),
  disconnectOpenclaw: nothing,
  finishOnboarding: nothing,
  changeSettings: z.strictObject({
    giftTokensPerDay: z.int().min(0).max(1_000_000_000).optional(),
    concurrency: z.int().min(1).max(64).optional(),
    startAtLogin: z.boolean().optional(),
  }),
  useEngine: z.strictObject({
    kind: z.enum(ENGINE_KINDS),
    url: z.string().max(2000).optional(),
    key: z.string().max(2000).nullable().optional(),
  }),
  testEngine: z.strictObject({ url: z.string().max(2000), key: z.string().max(2000).optional() }),
  setIdleClaw: z.strictObject({ contribute: z.boolean().optional(), consume: z.boolean().optional() }),
  addIdleClawServer: z.strictObject({ url: z.string().max(500) }),
  removeIdleClawServer: z.strictObject({ url: z.string().max(500) }),
  runDoctor: nothing,
  deleteEverything: z.strictObject({ confirmation: z.string().max(40) }),
  showWindow: z.strictObject({
    window: z.enum(['popover', 'dashboard', 'onboarding']),
    page: z.string().max(40).optional(),
  }),
  hidePopover: nothing,
  copyRouterAddress: nothing,
  openLink: z.strictObject({ link: z.literal('ollama') }),
  quit: nothing,
} satisfies { [Name in CommandName]: z.ZodType<CommandArgs<Name>> };
