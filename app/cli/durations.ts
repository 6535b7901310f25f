import { GridError } from '../protocol/errors.ts';

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3600_000, d: 86_400_000, w: 7 * 86_400_000 };

/** '30m', '12h', '7d', '2w'. @returns ms @throws GridError invalid_argument */
export function parseDuration(text: string): number {
  const [, count, unit] = /^(\d{1,4})([mhdw])$/.exec(text.trim()) ?? [];
  const ms = Number(count) * (UNITS[unit ?? ''] ?? NaN);
  if (!(ms > 0)) throw new GridError('invalid_argument', `'${text.slice(0, 40)}' is no time like 30m, 12h, 7d or 2w.`);
  return ms;
}

export function agoText(ms: number): string {
  const minutes = Math.round(Math.max(0, ms) / 60_000);
  if (minutes < 1) return 'a moment';
  if (minutes < 120) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} days`;
}
