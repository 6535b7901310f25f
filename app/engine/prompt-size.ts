import { estimateInputTokens, type ChatRequest } from '../protocol/chat.ts';
import { GridError } from '../protocol/errors.ts';

/** Whatever the text, a token hardly ever holds more than twice the four characters of the estimate. */
const HIGHEST_OVERESTIMATE = 2;
const TOKENS_PER_IMAGE = 1024;
const TOKENS_PER_MESSAGE = 5;

/** @throws GridError context_exceeded for prompts that cannot fit by any count; the narrow cases are for Ollama to count */
export function refuseHopeless(request: ChatRequest, contextTokens: number | undefined): void {
  const estimate = estimateInputTokens(request);
  if (contextTokens === undefined || estimate / HIGHEST_OVERESTIMATE <= contextTokens) return;
  throw new GridError(
    'context_exceeded',
    `The prompt has about ${estimate} tokens, the context of '${request.model}' ${contextTokens}.`,
    {
      details: { contextTokens, estimatedTokens: estimate },
    },
  );
}

/** On the high side: three bytes a token holds for code and for other scripts too, which four characters do not. */
export function cautiousInputTokens(request: ChatRequest): number {
  let imageCharacters = 0;
  let images = 0;
  for (const { content } of request.messages)
    for (const part of Array.isArray(content) ? content : [])
      if (part.type === 'image_url') {
        images += 1;
        imageCharacters += JSON.stringify(part).length;
      }
  const bytes = Buffer.byteLength(JSON.stringify([request.messages, request.tools ?? []])) - imageCharacters;
  return Math.ceil(bytes / 3) + images * TOKENS_PER_IMAGE + TOKENS_PER_MESSAGE * request.messages.length;
}
