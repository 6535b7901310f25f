const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const clockSeconds = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const shortDate = new Intl.DateTimeFormat('en-US', { month: 'short', day: 'numeric' });
const longDate = new Intl.DateTimeFormat('en-US', {
  weekday: 'short',
  month: 'short',
  day: 'numeric',
  year: 'numeric',
});
const weekday = new Intl.DateTimeFormat('en-US', { weekday: 'long' });

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

function isSameDay(a: Date, b: Date): boolean {
  return a.toDateString() === b.toDateString();
}

/** 09:41:07 today, 'Nov 27, 09:41' before */
export function formatWhen(atMs: number, nowMs: number): string {
  const at = new Date(atMs);
  return isSameDay(at, new Date(nowMs)) ? clockSeconds.format(at) : `${shortDate.format(at)}, ${clock.format(at)}`;
}

export function formatExactTime(atMs: number): string {
  return `${longDate.format(atMs)}, ${clockSeconds.format(atMs)}`;
}

/** 'just now', '3 min ago', '5 h ago', '2 days ago', 'Nov 3' */
export function formatAgo(atMs: number, nowMs: number): string {
  const ms = nowMs - atMs;
  if (ms < MINUTE_MS) return 'just now';
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min ago`;
  if (ms < DAY_MS) return `${Math.floor(ms / HOUR_MS)} h ago`;
  const days = Math.floor(ms / DAY_MS);
  if (days < 14) return days === 1 ? 'yesterday' : `${days} days ago`;
  return shortDate.format(atMs);
}

/** '14:30', or 'tomorrow 08:00', or 'Nov 30, 08:00' */
export function formatUntil(atMs: number, nowMs: number): string {
  const at = new Date(atMs);
  const now = new Date(nowMs);
  if (isSameDay(at, now)) return clock.format(at);
  const tomorrow = new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1);
  return `${isSameDay(at, tomorrow) ? 'tomorrow' : `${shortDate.format(at)},`} ${clock.format(at)}`;
}

/** 0.4 s · 12 s · 3 min 05 s */
export function formatDuration(ms: number): string {
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < MINUTE_MS) return `${Math.round(ms / 1_000)} s`;
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}

/** The start of a local 'YYYY-MM-DD'. */
export function parseDay(day: string): Date {
  const [year = 1970, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date);
}

export function formatDay(day: string): string {
  return shortDate.format(parseDay(day));
}

export function formatWeekday(day: string): string {
  return weekday.format(parseDay(day));
}
