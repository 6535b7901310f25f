import { CommandError, parseHttpFailure } from './command-error.ts';

const TOKEN_KEY = 'lobstah.token';

export interface HttpSession {
  /** @throws CommandError with the server's own sentences, or 'not_running' when nobody answers */
  request(path: string, init?: RequestInit): Promise<Response>;
  /** true once the server has said that the token is not valid */
  readonly locked: boolean;
}

export interface HttpSessionDeps {
  readonly fetch: typeof fetch;
  readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  /** one-time code of the address; null when the page was opened without one */
  readonly code: string | null;
}

const LOCKED = {
  code: 'not_authorised',
  message: 'This page has no key to Lobstah.',
  hint: "Open it with 'lobstah open'.",
};

/** Talks to the control server with the token of this run. A token, not a cookie: cookies ignore ports. */
export function createHttpSession(deps: HttpSessionDeps): HttpSession {
  let locked = false;
  let code = deps.code;
  let exchange: Promise<string> | null = null;

  async function send(path: string, init: RequestInit): Promise<Response> {
    try {
      return await deps.fetch(path, { ...init, credentials: 'omit', cache: 'no-store' });
    } catch (cause) {
      if (init.signal?.aborted) throw cause;
      throw new CommandError(
        { code: 'not_running', message: 'Lobstah does not answer.', hint: "Start it with 'lobstah up'." },
        { cause },
      );
    }
  }

  async function exchangeCode(oneTimeCode: string): Promise<string> {
    const response = await send('/control/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code: oneTimeCode }),
    });
    // It can be used once, so it is spent whatever the answer was.
    code = null;
    if (!response.ok) throw await refusal(response);
    const { token } = (await response.json()) as { token?: unknown };
    if (typeof token !== 'string') throw new CommandError(LOCKED);
    deps.storage.setItem(TOKEN_KEY, token);
    return token;
  }

  async function token(): Promise<string> {
    if (code !== null) {
      exchange ??= exchangeCode(code).finally(() => (exchange = null));
      try {
        return await exchange;
      } catch (thrown) {
        // A code that was spent by a reload leaves the token it was exchanged for.
        const kept = deps.storage.getItem(TOKEN_KEY);
        if (kept !== null && !(thrown instanceof CommandError && thrown.code === 'not_running')) return kept;
        locked ||= !(thrown instanceof CommandError && thrown.code === 'not_running');
        throw thrown;
      }
    }
    const kept = deps.storage.getItem(TOKEN_KEY);
    if (kept !== null) return kept;
    locked = true;
    throw new CommandError(LOCKED);
  }

  return {
    get locked() {
      return locked;
    },
    async request(path, init = {}) {
      const headers = new Headers(init.headers);
      headers.set('authorization', `Bearer ${await token()}`);
      const response = await send(path, { ...init, headers });
      if (response.ok) return response;
      if (response.status === 401) {
        locked = true;
        deps.storage.removeItem(TOKEN_KEY);
      }
      throw await refusal(response);
    },
  };
}

async function refusal(response: Response): Promise<CommandError> {
  const body: unknown = await response.json().catch(() => undefined);
  return new CommandError(
    parseHttpFailure(body) ?? {
      code: 'internal_error',
      message: `Lobstah answered with status ${response.status}.`,
      hint: 'Try again; the Diagnostics page helps to find out more.',
    },
  );
}
