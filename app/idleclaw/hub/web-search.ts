import { z } from 'zod';
import { GridError } from '../../protocol/errors.ts';
import type { NativeTool } from '../frames.ts';

export interface SearchResult {
  readonly title: string;
  readonly url: string;
  readonly text: string;
}
export type Search = (query: string, signal: AbortSignal) => Promise<readonly SearchResult[]>;

const RESULTS = 5;
const MAX_ANSWER_BYTES = 2 * 1024 * 1024;

/** The one tool a hub runs itself. What it takes is checked by searchArgumentsSchema, not by this description. */
export const SEARCH_TOOL: NativeTool = {
  type: 'function',
  function: {
    name: 'web_search',
    description: 'Search the web for current information. Returns titles, addresses and short texts.',
    parameters: {
      type: 'object',
      properties: { query: { type: 'string', description: 'what to search for' } },
      required: ['query'],
    },
  },
};

export const searchArgumentsSchema = z.strictObject({ query: z.string().trim().min(1).max(400) });

const answerSchema = z.object({
  results: z.array(
    z.object({
      title: z.string().catch(''),
      url: z.string().catch(''),
      content: z.string().nullish().catch(''),
    }),
  ),
});

/**
 * A SearXNG that the owner of the hub runs; only the query leaves the hub, and only to there.
 * @throws GridError invalid_argument when the URL is none
 */
export function createSearxngSearch(searxngUrl: string, fetch: typeof globalThis.fetch): Search {
  const base = parseHttpUrl(searxngUrl);
  return async (query, signal) => {
    const url = new URL('search', base);
    url.search = new URLSearchParams({ q: query, format: 'json' }).toString();
    // A redirect would let what answers there send the hub to any address of its own network.
    const response = await fetch(url, { signal, redirect: 'error', headers: { accept: 'application/json' } });
    if (!response.ok) throw new Error(`SearXNG answered ${response.status}`);
    const { results } = answerSchema.parse(JSON.parse(await textOf(response)));
    return results.slice(0, RESULTS).map(({ title, url, content }) => ({ title, url, text: content ?? '' }));
  };
}

async function textOf(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.length;
    if (bytes > MAX_ANSWER_BYTES) throw new Error('SearXNG answered more than 2 MB');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function parseHttpUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new GridError('invalid_argument', `'${text}' is no http or https address.`);
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}
