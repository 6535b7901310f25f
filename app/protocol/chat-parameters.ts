import { unsupported } from './bad-request.ts';

type Members = Readonly<Record<string, unknown>>;

/**
 * OpenAI's parameters of a chat that no peer can honour, each with the value that asks for nothing special, if there is one, and
 * why. Whoever sends them gets told: an answer that is not what was asked for is worse than none.
 */
const REFUSED: readonly {
  readonly param: string;
  /** asks for what is done anyway */
  readonly isHarmless: (value: unknown) => boolean;
  readonly why: string;
}[] = [
  { param: 'n', isHarmless: (value) => value === 1, why: 'one answer per request is all that peers give' },
  { param: 'audio', isHarmless: () => false, why: 'peers answer in text' },
  {
    param: 'modalities',
    isHarmless: (value) => Array.isArray(value) && value.every((kind) => kind === 'text'),
    why: "peers answer in text: only ['text'] can be honoured",
  },
  { param: 'web_search_options', isHarmless: () => false, why: 'peers do not search the web' },
  { param: 'functions', isHarmless: isEmptyList, why: "it was replaced by 'tools', which peers know" },
  {
    param: 'function_call',
    isHarmless: (value) => value === 'none' || value === 'auto',
    why: "it was replaced by 'tool_choice', which peers know",
  },
  { param: 'verbosity', isHarmless: (value) => value === 'medium', why: 'open models have no such control' },
];

export const REFUSED_PARAMETERS: readonly string[] = REFUSED.map(({ param }) => param);

/**
 * What changes nothing in an answer: bookkeeping of OpenAI's service, and hints for its speed. They are taken and left out on the
 * way to a peer, who has no business knowing them either.
 */
export const DROPPED_PARAMETERS = [
  'metadata',
  'moderation',
  'prediction',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'safety_identifier',
  'service_tier',
  'store',
  'user',
] as const;

/** @throws GridError unsupported_parameter naming the first one */
export function refuseUnsupported(request: Members): void {
  for (const { param, isHarmless, why } of REFUSED) {
    const value = request[param];
    if (value != null && !isHarmless(value)) throw unsupported(param, `'${param}' cannot be honoured: ${why}.`);
  }
  const { logprobs, top_logprobs: top } = request;
  if (typeof top === 'number' && top > 0 && logprobs !== true)
    throw unsupported('top_logprobs', "'top_logprobs' says nothing without 'logprobs': true.");
}

/** The request as a peer gets it; the same object when there is nothing to leave out. */
export function withoutDropped(request: object): object {
  if (!DROPPED_PARAMETERS.some((name) => name in request)) return request;
  const dropped: ReadonlySet<string> = new Set(DROPPED_PARAMETERS);
  return Object.fromEntries(Object.entries(request).filter(([name]) => !dropped.has(name)));
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
