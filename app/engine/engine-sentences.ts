const MAX_SENTENCE_CHARACTERS = 500;

/** As Ollama, llama.cpp, vLLM and LM Studio say it. */
export function isAboutContext(text: string): boolean {
  const sentence = text.replaceAll('_', ' ');
  if (!/\bcontext[ -]?(length|window|size)\b/i.test(sentence)) return false;
  return /\b(exceed(s|ed|ing)?|longer than|greater than|maximum|too (long|large))\b/i.test(sentence);
}

/** Sentences travel to strangers: neither the registry in front of a model's name nor folders of this machine belong there. */
export function tidy(sentence: string): string {
  return sentence
    .replaceAll(/[^\s"']+\/library\//g, '')
    .replaceAll(
      /(^|[\s"'(=:])(?:[A-Za-z]:)?(?:[\\/][^\s"'\\/:]+){2,}/g,
      (path, before: string) => `${before}…/${path.split(/[\\/]/).at(-1)}`,
    )
    .trim()
    .slice(0, MAX_SENTENCE_CHARACTERS);
}

/** Why nothing was heard, in words. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown reason';
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ECONNREFUSED') return 'nothing listens there';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'this name is not known';
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || error.name === 'TimeoutError') return 'no answer in time';
  return code ?? error.message;
}
