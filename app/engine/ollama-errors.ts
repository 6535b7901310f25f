import { GridError, type GridErrorCode } from '../protocol/errors.ts';
import type { EngineFaults } from './engine-http.ts';
import { isAboutContext, reasonOf, tidy } from './engine-sentences.ts';

/** What Ollama answered instead of a result, as a row of the error table with Ollama's own sentence. */
function ollamaAnswerError(status: number, body: string): GridError {
  const sentence = sentenceOf(body);
  return new GridError(codeOf(status, sentence), sentence || `Ollama answered with status ${status}.`, {
    details: { engineStatus: status },
  });
}

/** An `{"error": …}` line in the middle of a stream: the runner died, or the machine ran out of something. */
export function ollamaLineError(sentence: string): GridError {
  const text = tidy(sentence);
  return new GridError(isAboutContext(text) ? 'context_exceeded' : 'engine_error', text);
}

/** Nothing was heard from Ollama, or the connection broke before it said anything. */
function ollamaConnectionError(error: unknown, baseUrl: string): GridError {
  if (error instanceof GridError) return error;
  return new GridError('engine_unreachable', `Ollama does not answer at ${baseUrl} (${reasonOf(error)}).`, {
    cause: error,
  });
}

/** It answers, but not in Ollama's shapes. */
export function notOllama(cause: unknown): GridError {
  return new GridError('engine_unreachable', 'Something answers in the place of Ollama, but not as Ollama does.', {
    cause,
  });
}

function codeOf(status: number, sentence: string): GridErrorCode {
  if (isAboutContext(sentence)) return 'context_exceeded';
  if (status === 404) return /model/i.test(sentence) ? 'engine_model_not_found' : 'engine_unreachable';
  if (status === 400 || status === 413) return 'engine_refused';
  if (status === 503 || status === 429) return 'engine_busy';
  // Ollama answers 500 to options and formats of a wrong type, which is the caller's doing.
  if (/^option "|^invalid format|^invalid options?\b/.test(sentence)) return 'engine_refused';
  return 'engine_error';
}

function sentenceOf(body: string): string {
  try {
    const { error } = JSON.parse(body) as { error?: unknown };
    return typeof error === 'string' ? tidy(error) : '';
  } catch {
    // '404 page not found': whatever listens there is not Ollama.
    return tidy(body);
  }
}

export const OLLAMA_FAULTS: EngineFaults = {
  answer: ollamaAnswerError,
  connection: ollamaConnectionError,
  shape: notOllama,
};
