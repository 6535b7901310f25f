import { GridError } from '../protocol/errors.ts';
import type { RouterConfig } from './grid-config.ts';

export function serverAddress(config: { port?: number | undefined; host?: string | undefined }, fallbackPort: number) {
  return { host: config.host || '127.0.0.1', port: config.port ?? fallbackPort };
}

/** An address given to listen on is a name to answer to; '0.0.0.0' is no name. */
export function allowedHostsOf(config: {
  host?: string | undefined;
  allowedHosts?: readonly string[] | undefined;
}): string[] {
  const { host } = config;
  const named = host && host !== '0.0.0.0' && host !== '::' ? [host] : [];
  if (host && !isLoopback(host) && named.length === 0 && !config.allowedHosts?.length)
    throw new GridError(
      'invalid_argument',
      `Listening on ${host} needs '--allow-host NAME': the name or address others use.`,
    );
  return [...named, ...(config.allowedHosts ?? [])];
}

/** @throws GridError invalid_argument for a router that others can reach and nobody has to show a key to */
export function refuseOpenRouter({ host, apiKey }: RouterConfig): void {
  if (host && !isLoopback(host) && apiKey === undefined)
    throw new GridError(
      'invalid_argument',
      `A router that listens on ${host} spends your credit for whoever asks: it needs a key ('--api-key-file FILE' or LOBSTAH_API_KEY).`,
    );
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
