/** A Retry-After in seconds (RFC 9110 10.2.3; the form with a date is not used by IdleClaw servers), at most an hour. */
export function retryAfterMs(header: string | string[] | undefined): number | undefined {
  if (typeof header !== 'string' || !/^\d{1,6}$/.test(header.trim())) return undefined;
  return Math.min(Number(header) * 1_000, 3_600_000);
}
