import { GridError } from '../../protocol/errors.ts';
import type { EngineChat } from '../engine.ts';
import { toolChoiceOf, type Tool } from '../tool-choice.ts';
import { refuseUnhonoured } from '../refuse-unhonoured.ts';
import { toGrammarSchema } from './grammar-schema.ts';
import type { LlamaChatMessage, LlamaTool } from './llama-messages.ts';
import { toLlamaTurns } from './to-llama-turns.ts';

export interface LlamaDefaults {
  readonly temperature: number;
  readonly seed: number;
  /** whether the model was made for tools; a call that is forced is held by a grammar and needs no such model */
  readonly knowsTools: boolean;
}

/**
 * A request for llama.cpp. A model without tools is not offered any: it says that it has no such capability, so nobody is sent
 * here for them, but agents (openclaw) send their tools with every request and must still get an answer in words.
 * @throws GridError engine_refused for images, unknown formats, and what no grammar can hold
 */
export function toLlamaChat(
  { request, maxOutputTokens }: EngineChat,
  defaults: LlamaDefaults,
): Omit<LlamaChatMessage, 'chatNumber'> {
  refuseUnhonoured(request, ['logit_bias', 'logprobs'], 'The built-in engine');
  const { temperature, top_p: topP, seed, stop } = request;
  const tools = toolsOf(request, defaults.knowsTools);
  const format = tools?.forced ? undefined : formatOf(request.response_format);
  if (tools && format)
    throw new GridError(
      'engine_refused',
      'The built-in engine cannot offer tools and hold the answer to a format in one request.',
      { details: { param: 'response_format' } },
    );
  const stops = typeof stop === 'string' ? [stop] : (stop ?? []);
  return {
    type: 'chat',
    // zod's type is mutable, the message is not changed.
    turns: toLlamaTurns(request.messages, defaults.knowsTools) as LlamaChatMessage['turns'],
    maxOutputTokens,
    temperature: temperature ?? defaults.temperature,
    ...(topP == null ? {} : { topP }),
    // llama.cpp takes 32 bits without a sign.
    seed: (seed ?? defaults.seed) >>> 0,
    stop: stops.filter((text) => text !== ''),
    ...penaltiesOf(request),
    ...(format ? { format } : {}),
    ...(tools ? { tools } : {}),
    thinks: request.reasoning_effort !== 'none' && !tools?.forced,
  };
}

function penaltiesOf({ frequency_penalty: frequency, presence_penalty: presence }: EngineChat['request']) {
  return {
    ...(typeof frequency === 'number' && frequency !== 0 ? { frequencyPenalty: frequency } : {}),
    ...(typeof presence === 'number' && presence !== 0 ? { presencePenalty: presence } : {}),
  };
}

function toolsOf(request: EngineChat['request'], knowsTools: boolean): LlamaChatMessage['tools'] {
  const choice = toolChoiceOf(request);
  if (choice.kind === 'none' || (choice.kind === 'auto' && !knowsTools)) return undefined;
  return {
    list: choice.tools.map(toLlamaTool),
    forced: choice.kind === 'forced',
    parallel: request['parallel_tool_calls'] !== false,
  };
}

function toLlamaTool({ function: { name, description, parameters } }: Tool): LlamaTool {
  const hasParams = parameters != null && Object.keys(parameters).length > 0;
  return {
    name,
    ...(description ? { description } : {}),
    ...(hasParams ? { params: { ...toGrammarSchema(parameters) } } : {}),
  };
}

function formatOf(format: EngineChat['request']['response_format']): LlamaChatMessage['format'] {
  if (!format || format.type === 'text') return undefined;
  if (format.type === 'json_object') return 'json';
  const schema =
    format.type === 'json_schema' ? (format['json_schema'] as { schema?: unknown } | undefined)?.schema : undefined;
  if (schema !== undefined && schema !== null) return { ...toGrammarSchema(schema) };
  throw new GridError(
    'engine_refused',
    `The built-in engine does not know the response format '${format.type}' without a schema.`,
    {
      details: { param: 'response_format' },
    },
  );
}
