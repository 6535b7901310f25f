import { AUTO_MODEL } from './names.ts';
import type { ConfigRow, ModelRow } from './openclaw-api.ts';

/** One model as the router lists it at /v1/models. */
export interface RouterModel {
  readonly id: string;
  readonly contextLength: number | undefined;
  /** undefined from peers that do not tell */
  readonly capabilities: readonly string[] | undefined;
}

/** For models whose peer does not tell: enough for openclaw's own instructions, which take about twelve thousand tokens. */
const UNKNOWN_CONTEXT = 32_768;
/** What openclaw asks for at most in one answer. */
const MOST_OUTPUT = 8_192;

/**
 * What openclaw would guess wrong from an address it does not know. 'system' and max_tokens are understood by every engine
 * and every old peer, 'developer' and max_completion_tokens are not.
 */
export const COMPAT = {
  supportsStore: false,
  supportsDeveloperRole: false,
  supportsStrictMode: false,
  supportsUsageInStreaming: true,
  supportsPromptCacheKey: false,
  supportsLongCacheRetention: false,
  // An opaque header by which the router keeps a conversation with the peer that has its beginning in memory.
  sendSessionAffinityHeaders: true,
  maxTokensField: 'max_tokens',
} as const;

/** @returns undefined when a router answered something else */
export function parseModels(input: unknown): RouterModel[] | undefined {
  const list = membersOf(input)['data'];
  if (!Array.isArray(list)) return undefined;
  return list.flatMap((entry: unknown) => {
    const { id, context_length: context, capabilities } = membersOf(entry);
    if (typeof id !== 'string' || id === '') return [];
    return {
      id,
      contextLength: typeof context === 'number' && context > 0 ? context : undefined,
      capabilities: Array.isArray(capabilities)
        ? capabilities.filter((name): name is string => typeof name === 'string')
        : undefined,
    };
  });
}

/** What openclaw can talk with: embedding models are left out; the router's own choice stands first and can do what the best of them can. */
export function modelRows(models: readonly RouterModel[]): ModelRow[] {
  const chat = models.filter(({ id, capabilities }) => id !== AUTO_MODEL && !capabilities?.includes('embedding'));
  if (chat.length === 0) return [];
  // An agent always brings tools: what cannot use them is not what 'auto' will be.
  const agents = chat.filter(({ capabilities }) => capabilities?.includes('tools'));
  const best = agents.length > 0 ? agents : chat;
  const known = best.flatMap(({ contextLength }) => contextLength ?? []);
  const auto: RouterModel = {
    id: AUTO_MODEL,
    contextLength: known.length > 0 ? Math.max(...known) : undefined,
    capabilities: [...new Set(best.flatMap(({ capabilities }) => capabilities ?? []))],
  };
  return [auto, ...chat].map(modelRow);
}

export function modelRow({ id, contextLength, capabilities = [] }: RouterModel): ModelRow {
  const reasoning = capabilities.includes('thinking');
  const contextWindow = contextLength ?? UNKNOWN_CONTEXT;
  return {
    id,
    name: id === AUTO_MODEL ? 'Whichever fits best' : id,
    reasoning,
    input: capabilities.includes('vision') ? ['text', 'image'] : ['text'],
    // Credits are no money: they are earned by serving, and the ledger counts them.
    cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
    contextWindow,
    maxTokens: Math.min(MOST_OUTPUT, Math.max(256, Math.floor(contextWindow / 4))),
    compat: { ...COMPAT, supportsReasoningEffort: reasoning },
  };
}

export function configRow({ cost: _, compat: __, ...row }: ModelRow): ConfigRow {
  return row;
}

export function membersOf(input: unknown): Readonly<Record<string, unknown>> {
  return typeof input === 'object' && input !== null ? (input as Record<string, unknown>) : {};
}
