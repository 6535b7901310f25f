import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ConnectDeps } from '../openclaw/install/connect.ts';
import { shortPubkey } from '../protocol/pubkey.ts';
import { askRouter } from './ask-router.ts';
import type { Home } from './home.ts';

/** Cold models are loaded from disk first. */
const QUESTION_LIMIT_MS = 120_000;

/** What connecting openclaw needs of this Lobstah, for the command line and the app alike. */
export function openclawAccess(access: {
  readonly home: Home;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly pluginFolder: string;
  readonly onStep: (sentence: string) => void;
}): ConnectDeps {
  return {
    env: access.env,
    pluginFolder: access.pluginFolder,
    homeFolder: access.home.folder,
    isDefaultHome: access.home.folder === join(homedir(), '.lobstah'),
    onStep: access.onStep,
    askGrid: askWhoAnswers,
  };
}

/** @returns 'qwen3:8b at lob1ab…' @throws GridError as the router says it */
async function askWhoAnswers(routerUrl: string, signal?: AbortSignal): Promise<string> {
  const limit = AbortSignal.timeout(QUESTION_LIMIT_MS);
  const answer = askRouter(
    { routerUrl, model: undefined, messages: [{ role: 'user', content: 'Say hello.' }], maxTokens: 16 },
    signal ? AbortSignal.any([signal, limit]) : limit,
  );
  for (;;) {
    const next = await answer.next();
    if (!next.done) continue;
    const { model, workerPubkey } = next.value;
    return workerPubkey ? `${model} at ${shortPubkey(workerPubkey)}` : model;
  }
}
