/** How a peer is reached, in words. */
export function pathText({
  own,
  path,
  rttMs,
}: {
  own?: boolean | undefined;
  path?: string | undefined;
  rttMs?: number | null | undefined;
}): string {
  if (own) return 'this machine';
  const rtt = rttMs === undefined || rttMs === null ? '' : `, ${rttMs} ms`;
  switch (path) {
    case 'http':
      return 'http, NOT encrypted';
    case 'direct':
      return `direct${rtt}`;
    case 'relay':
      return `through a relay${rtt}`;
    case 'overlay':
      return 'by key, not connected';
    default:
      return path ?? '–';
  }
}
