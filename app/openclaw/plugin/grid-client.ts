import { request } from 'node:http';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { membersOf, parseModels, type RouterModel } from './model-rows.ts';

const LIMIT_MS = 5_000;
const MAX_ANSWER_BYTES = 4_000_000;

/** A refusal or silence, in a sentence that can be shown. */
export class GridClientError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'GridClientError';
  }
}

export interface Balance {
  readonly earned: number;
  readonly spent: number;
  readonly ownTokens: number;
  readonly tabs: readonly { readonly pubkey: string; readonly credits: number }[];
}

/** What the plugin asks of a Lobstah: its router over HTTP, its switch over the control socket. */
export interface GridClient {
  /** @throws GridClientError */
  models(baseUrl: string, apiKey?: string, signal?: AbortSignal): Promise<RouterModel[]>;
  /** @throws GridClientError */
  balance(baseUrl: string): Promise<Balance>;
  /** @throws GridClientError */
  snapshot(): Promise<Readonly<Record<string, unknown>>>;
  /** @throws GridClientError with the sentences of a refusal */
  command(name: string, args: object): Promise<void>;
}

/** @param homeFolder of Lobstah; where LOBSTAH_HOME or the default is not the one meant */
export function createGridClient(homeFolder?: string): GridClient {
  const socketPath = join(homeFolder ?? process.env['LOBSTAH_HOME'] ?? join(homedir(), '.lobstah'), 'control.sock');
  return {
    async models(baseUrl, apiKey, signal) {
      const models = parseModels(await getJson(`${baseUrl}/models`, apiKey, signal));
      if (!models) throw new GridClientError(`What answers at ${baseUrl} is no Lobstah router.`);
      return models;
    },
    async balance(baseUrl) {
      const { self, ownTokens, tabs } = membersOf(await getJson(`${new URL(baseUrl).origin}/balance`));
      const { earned, spent } = membersOf(self);
      return {
        earned: numberOf(earned),
        spent: numberOf(spent),
        ownTokens: numberOf(ownTokens),
        tabs: (Array.isArray(tabs) ? tabs : []).map((tab: unknown) => {
          const { pubkey, balanceMicro } = membersOf(tab);
          return { pubkey: String(pubkey), credits: numberOf(balanceMicro) / 1e6 };
        }),
      };
    },
    async snapshot() {
      return membersOf(await askControl(socketPath, 'GET', '/control/snapshot'));
    },
    async command(name, args) {
      await askControl(socketPath, 'POST', `/control/commands/${name}`, args);
    },
  };
}

const numberOf = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0);

async function getJson(url: string, apiKey?: string, signal?: AbortSignal): Promise<unknown> {
  const limit = AbortSignal.timeout(LIMIT_MS);
  let response: Response;
  try {
    response = await fetch(url, {
      headers: apiKey ? { authorization: `Bearer ${apiKey}` } : {},
      redirect: 'error',
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
    if (response.ok) return await response.json();
  } catch (error) {
    signal?.throwIfAborted();
    throw new GridClientError(`No Lobstah answers at ${new URL(url).origin}.`, { cause: error });
  }
  const { message } = membersOf(membersOf(await response.json().catch(() => undefined))['error']);
  throw new GridClientError(
    `Lobstah at ${new URL(url).origin} refused: ${typeof message === 'string' ? message : `status ${response.status}`}`,
  );
}

/** The socket belongs to the user's account alone, so it asks for no password. */
function askControl(socketPath: string, method: 'GET' | 'POST', path: string, body?: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const silent = (cause?: Error) =>
      reject(
        new GridClientError('Lobstah does not run on this machine (its control socket does not answer).', { cause }),
      );
    const asked = request({
      socketPath,
      method,
      path,
      headers: { host: 'localhost', ...(body ? { 'content-type': 'application/json' } : {}) },
      timeout: LIMIT_MS,
    });
    asked.once('error', silent);
    asked.once('timeout', () => asked.destroy(new Error('no answer in time')));
    asked.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
        if (text.length > MAX_ANSWER_BYTES) response.destroy(new Error('the answer is too long'));
      });
      response.once('error', silent);
      response.once('end', () => {
        let answer: unknown;
        try {
          answer = JSON.parse(text);
        } catch (error) {
          silent(error as Error);
          return;
        }
        const { message } = membersOf(membersOf(answer)['error']);
        if (typeof message === 'string') reject(new GridClientError(message));
        else resolve(answer);
      });
    });
    asked.end(body ? JSON.stringify(body) : undefined);
  });
}
