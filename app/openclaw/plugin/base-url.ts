import { DEFAULT_BASE_URL, PROVIDER_ID } from './names.ts';
import type { OpenclawConfig } from './openclaw-api.ts';

/** @returns what is wrong with it, as openclaw's prompts want it, or undefined */
export function baseUrlProblem(text: string): string | undefined {
  if (text.trim() === '') return 'An address is needed, for example http://127.0.0.1:17475/v1';
  const url = URL.parse(text.trim());
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    return 'An address begins with http:// or https://';
  if (url.username || url.password) return 'The key is asked for next; leave it out of the address.';
  return undefined;
}

/** Without slashes at its end, and with the /v1 that is easily forgotten. */
export function tidyBaseUrl(text: string): string {
  const url = text.trim().replace(/\/+$/, '');
  return new URL(url).pathname === '/' ? `${url}/v1` : url;
}

export function configuredBaseUrl(config: OpenclawConfig | undefined): string {
  const baseUrl = config?.models?.providers?.[PROVIDER_ID]?.baseUrl;
  return typeof baseUrl === 'string' && !baseUrlProblem(baseUrl) ? tidyBaseUrl(baseUrl) : DEFAULT_BASE_URL;
}
