import { z } from 'zod';
import { badRequest, unsupported } from './bad-request.ts';

const promptSchema = z.string().min(1);
const completionSchema = z.looseObject({
  model: z.string().min(1).max(256),
  prompt: z.union([promptSchema, z.array(promptSchema).length(1, 'one prompt per request')]),
});

/** What would change the answer, and what a chat has no way to do. */
const REFUSED: readonly (readonly [param: string, harmless: readonly unknown[], why: string])[] = [
  ['suffix', [''], 'a chat cannot be written up to an ending'],
  ['echo', [false], 'the prompt is not repeated'],
  ['best_of', [1], 'one answer per request is all that peers give'],
  ['logprobs', [], "its old form is not spoken here; chats have 'logprobs': true"],
];

const DEFAULT_MAX_TOKENS = 16;

/**
 * OpenAI's older way to ask, as a chat with the prompt as what its user says. Honest about what that is: the model's chat template
 * is around the prompt, so it is answered, not continued. Everything else is a parameter of chats too and stays.
 * @returns the body of the chat
 * @throws GridError bad_request, unsupported_parameter
 */
export function chatOfCompletion(input: unknown): { readonly model: string; readonly [member: string]: unknown } {
  refusePrompts(input);
  const parsed = completionSchema.safeParse(input);
  if (!parsed.success) throw badRequest(parsed.error);
  const { prompt, ...rest } = parsed.data;
  for (const [param, harmless, why] of REFUSED) {
    const value = rest[param];
    if (value != null && !harmless.includes(value)) throw unsupported(param, `'${param}' cannot be honoured: ${why}.`);
    delete rest[param];
  }
  return {
    ...rest,
    // OpenAI's default, which clients of this API count on.
    max_tokens: rest['max_tokens'] ?? DEFAULT_MAX_TOKENS,
    messages: [{ role: 'user', content: typeof prompt === 'string' ? prompt : prompt[0] }],
  };
}

function refusePrompts(input: unknown): void {
  const prompt = typeof input === 'object' && input !== null && 'prompt' in input ? input.prompt : undefined;
  if (!Array.isArray(prompt)) return;
  const [first] = prompt as unknown[];
  if (typeof first === 'number' || Array.isArray(first))
    throw unsupported('prompt', "'prompt' must be text: token numbers of another tokenizer mean nothing to a peer.");
  if (prompt.length > 1)
    throw unsupported('prompt', "'prompt' may be one text: one answer per request is all that peers give.");
}
