import { GridError } from '../protocol/errors.ts';

const HOW = "Give it as 'https://host' or 'http://host:port'.";

/**
 * The address of an IdleClaw server, from a person, a setting or IDLECLAW_SERVER.
 * @returns a base URL without a slash at its end
 * @throws GridError invalid_argument: a broken address is never replaced by another one, least of all by a public server
 */
export function parseServerUrl(input: string | undefined): string {
  const text = (input ?? '').trim();
  if (text === '') throw refused(`No IdleClaw server is named. Use '--server URL' or the variable IDLECLAW_SERVER.`);
  const shown = text.slice(0, 120);
  if (!/^https?:\/\/[^/\s]/i.test(text)) throw refused(`'${shown}' is not the address of an IdleClaw server. ${HOW}`);
  let url: URL;
  try {
    url = new URL(text);
  } catch (cause) {
    throw refused(`'${shown}' is not the address of an IdleClaw server. ${HOW}`, cause);
  }
  // What is in front of an @ would be sent, and shown in logs, as a password.
  if (url.username || url.password) throw refused('The address of an IdleClaw server carries no name and no password.');
  if (url.search || url.hash) throw refused(`'${shown}' has a query or a fragment; a server has neither. ${HOW}`);
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

export function isServerUrl(text: string): boolean {
  try {
    return parseServerUrl(text) !== '';
  } catch {
    return false;
  }
}

function refused(message: string, cause?: unknown): GridError {
  return new GridError('invalid_argument', message, cause === undefined ? {} : { cause });
}

/** 'hub.example:8080': how a server is named in a sentence */
export function serverName(server: string): string {
  const { host, pathname } = new URL(server);
  return pathname === '/' ? host : `${host}${pathname}`;
}
