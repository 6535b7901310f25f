import { GridError } from '../protocol/errors.ts';

/** Where an OpenAI-compatible server answers. Neither address ends with a slash. */
export interface OpenAiAddress {
  /** with the version: 'http://127.0.0.1:1234/v1' */
  readonly api: string;
  /** what stands before it, where servers tell more about themselves */
  readonly root: string;
  /** whose key it is: a key is never sent to another origin than the one it was given for */
  readonly origin: string;
  /** this machine or the network around it; elsewhere answers cost somebody's account */
  readonly isNear: boolean;
}

/**
 * `host:port`, or an http(s) URL with or without `/v1` at its end.
 * @throws GridError invalid_argument; also for a user or password in it, because addresses are shown and keys are not
 */
export function parseOpenAiUrl(value: string, variable?: string): OpenAiAddress {
  const source = variable ?? 'The address';
  const details = variable === undefined ? {} : { variable };
  const text = value.trim();
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  let url: URL;
  try {
    url = new URL(withScheme);
  } catch (error) {
    throw broken(source, value, details, error);
  }
  if (!/^https?:$/.test(url.protocol) || url.search || url.hash || !url.hostname) throw broken(source, value, details);
  if (url.username || url.password)
    throw new GridError(
      'invalid_argument',
      `${source} must not contain a user or a password; the key is given apart.`,
      { details },
    );
  if (url.hostname === '0.0.0.0') url.hostname = '127.0.0.1';
  const path = url.pathname.replace(/\/+$/, '').replace(/\/(chat\/completions|models)$/, '');
  const api = /\/v\d+$/.test(path) ? path : `${path}/v1`;
  return {
    api: url.origin + api,
    root: url.origin + api.replace(/\/v\d+$/, ''),
    origin: url.origin,
    isNear: isNear(url.hostname),
  };
}

const NEAR_NAMES = /^(localhost|[^.]+|.*\.(localhost|local|lan|home|internal|home\.arpa|ts\.net))$/i;
/** Loopback, private, carrier-grade (Tailscale) and link-local ranges (RFC 1918, 6598, 3927, 4193, 4291). */
const NEAR_IPV4 =
  /^(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/;
const NEAR_IPV6 = /^\[(::1\]|f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:)/i;

function isNear(hostname: string): boolean {
  if (hostname.startsWith('[')) return NEAR_IPV6.test(hostname);
  if (/^\d+(\.\d+){3}$/.test(hostname)) return NEAR_IPV4.test(hostname);
  return NEAR_NAMES.test(hostname);
}

function broken(source: string, value: string, details: Record<string, unknown>, cause?: unknown): GridError {
  return new GridError(
    'invalid_argument',
    `${source} '${value.slice(0, 200)}' is not one. Use http://host:port, with or without /v1.`,
    { details, cause },
  );
}
