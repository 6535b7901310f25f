import { toOllamaChat } from '../../engine/ollama-translate.ts';
import { maxOutputTokensOf, type ChatRequest } from '../../protocol/chat.ts';
import { GridError } from '../../protocol/errors.ts';
import type { OllamaParams } from '../frames.ts';

/**
 * OpenAI's request as Ollama's parameters, and of these only what a node passes on. How long a context is, is up to the node.
 * @throws GridError unsupported_parameter for images; engine_refused for what Ollama has no way to do
 */
export function toNativeParams(chat: ChatRequest): OllamaParams {
  const native = toOllamaChat(
    chat,
    { maxOutputTokens: maxOutputTokensOf(chat), contextTokens: 0 },
    // Whether the model thinks is not known here: an effort that is asked for goes on, and the node's Ollama decides.
    { capabilities: ['thinking'], contextLength: undefined, family: undefined },
  );
  // All communication of IdleClaw is text: existing nodes do not know images, and ours take none from a server.
  if (native.messages.some(({ images }) => images !== undefined))
    throw new GridError('unsupported_parameter', 'IdleClaw carries text only: no node takes images.', {
      details: { param: 'messages' },
    });
  const { num_ctx: _decidedByTheNode, ...options } = native.options;
  return {
    model: native.model,
    messages: native.messages as OllamaParams['messages'],
    stream: true,
    keep_alive: '5m',
    options,
    ...(native.think === undefined ? {} : { think: native.think }),
    ...(native.tools ? { tools: native.tools as NonNullable<OllamaParams['tools']> } : {}),
    ...(native.format === undefined ? {} : { format: native.format as NonNullable<OllamaParams['format']> }),
  };
}
