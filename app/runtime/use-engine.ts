import type { CommandArgs } from '../contract/commands.ts';
import { parseOpenAiUrl } from '../engine/openai-url.ts';
import { GridError } from '../protocol/errors.ts';
import { engineFixedBy } from './engine-choice-view.ts';
import type { EngineKeys } from './engine-keys.ts';
import type { SettingsFile } from './settings.ts';

/**
 * Writes down which engine is to be used; a running grid follows with its next look.
 * @throws GridError invalid_argument, keychain_unavailable, home_unwritable
 */
export function useEngine(
  { kind, url, key }: CommandArgs<'useEngine'>,
  deps: { env: Readonly<Record<string, string | undefined>>; settings: SettingsFile; keys: EngineKeys },
): void {
  const fixedBy = engineFixedBy(deps.env);
  if (fixedBy)
    throw new GridError('invalid_argument', `${fixedBy} is set and decides; start Lobstah without it to choose here.`);
  const before = deps.settings.current().engine;
  const given = url === undefined ? before.openai?.url : url;
  if (kind === 'openai' && !given)
    throw new GridError(
      'invalid_argument',
      'An OpenAI-compatible engine needs an address, like http://127.0.0.1:1234.',
    );
  const address = given ? parseOpenAiUrl(given) : undefined;
  if (key === null) deps.keys.remove();
  else if (key !== undefined) {
    if (!address) throw new GridError('invalid_argument', 'A key belongs to an address; give both.');
    deps.keys.store(address.origin, key);
  }
  deps.settings.change((settings) => ({
    ...settings,
    engine: { ...settings.engine, kind, openai: address ? { ...settings.engine.openai, url: address.api } : null },
  }));
}
