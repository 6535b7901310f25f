/** @returns the address of a relay as it is shown and compared, or a sentence about what is wrong with it */
export function parseRelayUrl(input: unknown): { url: string } | { problem: string } {
  if (typeof input !== 'string' || input.trim() === '') return { problem: 'the address is empty' };
  let url: URL;
  try {
    url = new URL(input.trim());
  } catch {
    return { problem: `'${input.slice(0, 80)}' is no address like wss://relay.example` };
  }
  if (url.protocol !== 'wss:' && url.protocol !== 'ws:')
    return { problem: `a relay is reached by wss:// or ws://, not by '${url.protocol}'` };
  if (url.username || url.password) return { problem: 'the address must not contain a user name or password' };
  if (url.hash) return { problem: "the address must not contain a '#'" };
  return { url: url.pathname === '/' && !url.search ? url.origin : url.href };
}
