import { GridError } from '../protocol/errors.ts';

export const DEFAULT_OLLAMA_URL = 'http://127.0.0.1:11434';
const DEFAULT_PORT = '11434';

/** Addresses that mean "listen everywhere" in Ollama's own configuration; nobody can connect to them. */
const ANY_ADDRESS = new Map([
  ['0.0.0.0', '127.0.0.1'],
  ['[::]', '[::1]'],
  ['', '127.0.0.1'],
]);

/**
 * OLLAMA_HOST as Ollama itself reads it (envconfig.Host): `host`, `host:port`, `:port` or an http(s) URL, quotes and blanks
 * around it ignored. The port is 11434, or the scheme's own one where a scheme is given. Unset or empty: the default address.
 * @returns a base URL without a slash at its end
 * @throws GridError invalid_argument: a broken address is never replaced by another one
 */
export function parseOllamaHost(value: string | undefined): string {
  const text = (value ?? '').trim().replace(/^["']+|["']+$/g, '');
  if (text === '') return DEFAULT_OLLAMA_URL;
  const [, scheme = 'http', rest = ''] = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(.*)$/i.exec(text) ?? [];
  const hasScheme = rest !== text;
  if (!/^https?$/i.test(scheme)) throw broken(value);
  const [, authority = '', path = ''] = /^([^/?#]*)(.*)$/.exec(rest) ?? [];
  const [, host = '', port = ''] = /^(\[[0-9a-f:.]+\]|[^:@\s[\]]*)(?::(\d{1,5}))?$/i.exec(bracketed(authority)) ?? [];
  if (host === '' && port === '') throw broken(value);
  const reachable = ANY_ADDRESS.get(host) ?? host;
  try {
    const url = new URL(
      `${scheme.toLowerCase()}://${reachable}${port ? `:${port}` : hasScheme ? '' : `:${DEFAULT_PORT}`}${path}`,
    );
    if (url.search || url.hash) throw broken(value);
    return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
  } catch (error) {
    throw broken(value, error);
  }
}

/** A bare IPv6 address ('::1') gets the brackets that URLs want. */
function bracketed(authority: string): string {
  return /^[0-9a-f:]*:[0-9a-f:]*:[0-9a-f:.]*$/i.test(authority) ? `[${authority}]` : authority;
}

function broken(value: string | undefined, cause?: unknown): GridError {
  return new GridError(
    'invalid_argument',
    `OLLAMA_HOST '${value}' is not an address. Use host:port or http://host:port.`,
    {
      details: { variable: 'OLLAMA_HOST' },
      cause,
    },
  );
}
