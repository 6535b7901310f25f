import type { EngineTestView } from '../../contract/commands.ts';
import { createOpenAiCompatible } from '../../engine/openai-compatible.ts';
import { parseOpenAiUrl } from '../../engine/openai-url.ts';
import { asGridError } from '../../protocol/errors.ts';
import { useEngine } from '../use-engine.ts';
import type { CommandDeps, Handlers } from './command-deps.ts';

const TEST_TIMEOUT_MS = 5_000;

export function engineCommands(deps: CommandDeps): Handlers<'useEngine' | 'testEngine'> {
  return {
    async useEngine(args) {
      useEngine(args, { env: deps.config.env, settings: deps.settings, keys: deps.engineKeys });
      await deps.engineWatch.lookAgain();
      deps.news.touch();
      return null;
    },
    testEngine: ({ url, key }) =>
      testEngine(url, key === undefined || key === '' ? (origin) => deps.engineKeys.keyFor(origin) : () => key),
  };
}

async function testEngine(url: string, keyFor: (origin: string) => string | undefined): Promise<EngineTestView> {
  const address = parseOpenAiUrl(url);
  const engine = createOpenAiCompatible({ address, key: () => keyFor(address.origin) });
  const signal = AbortSignal.timeout(TEST_TIMEOUT_MS);
  try {
    const status = await engine.status(signal);
    if (!status.reachable) return { ok: false, sentence: status.problem ?? 'It does not answer.', models: [] };
    const models = (await engine.models(signal)).map(({ name }) => name);
    return { ok: models.length > 0, sentence: sentenceOf(models, address.isNear), models };
  } catch (error) {
    return { ok: false, sentence: asGridError(error, 'engine_unreachable').message, models: [] };
  } finally {
    await engine.close();
  }
}

function sentenceOf(models: readonly string[], isNear: boolean): string {
  if (models.length === 0) return 'It answers, but has no models. Load one there.';
  const count = models.length === 1 ? 'one model' : `${models.length} models`;
  const named = `It answers, with ${count}: ${models.slice(0, 3).join(', ')}${models.length > 3 ? ', …' : ''}.`;
  return isNear ? named : `${named} It is outside your network, so its models stay for your own use.`;
}
