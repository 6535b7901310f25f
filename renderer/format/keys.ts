/** `lob1 7a3f…c09e`: short enough for a table, long enough to tell two peers apart. */
export function formatShortKey(pubkey: string): string {
  return `${pubkey.slice(0, 4)} ${pubkey.slice(4, 8)}…${pubkey.slice(-4)}`;
}

/** http://192.168.1.20:17474/ → 192.168.1.20:17474; the scheme is told by the path. An overlay address has no host. */
export function formatHost(url: string): string {
  if (url.startsWith('iroh:')) return 'by its key';
  return URL.parse(url)?.host ?? url;
}
