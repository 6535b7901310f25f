/** The local calendar day of a moment, 'YYYY-MM-DD'. */
export function localDay(ms: number): string {
  const date = new Date(ms);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** The local days from `count` days back up to today, oldest first. */
export function lastDays(count: number, nowMs: number): string[] {
  const today = new Date(nowMs);
  return Array.from({ length: count }, (_, index) =>
    // Noon: adding days at midnight would slip on the two days a year that have 23 or 25 hours.
    localDay(new Date(today.getFullYear(), today.getMonth(), today.getDate() - (count - 1 - index), 12).getTime()),
  );
}
