import { GridError, type GridErrorCode } from '../protocol/errors.ts';

const MAX_SENTENCE_CHARACTERS = 500;

/** What Ollama answered instead of a result, as a row of the error table with Ollama's own sentence. */
export function ollamaAnswerError(status: number, body: string): GridError {
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
export function ollamaConnectionError(error: unknown, baseUrl: string): GridError {
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

function isAboutContext(sentence: string): boolean {
  return /(exceeds?|exceeded|longer than)\b.*\bcontext (length|window|size)/i.test(sentence);
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

/** Sentences travel to strangers: neither the registry in front of a model's name nor folders of this machine belong there. */
function tidy(sentence: string): string {
  return sentence
    .replaceAll(/[^\s"']+\/library\//g, '')
    .replaceAll(
      /(^|[\s"'(=:])(?:[A-Za-z]:)?(?:[\\/][^\s"'\\/:]+){2,}/g,
      (path, before: string) => `${before}…/${path.split(/[\\/]/).at(-1)}`,
    )
    .trim()
    .slice(0, MAX_SENTENCE_CHARACTERS);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown reason';
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ECONNREFUSED') return 'nothing listens there';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'this name is not known';
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || error.name === 'TimeoutError') return 'no answer in time';
  return code ?? error.message;
}
