/** Minutes of a local day. `to` not after `from` reaches into the next day. */
interface Window {
  /** 0 is Sunday, as Date has it */
  readonly weekday: number;
  readonly from: number;
  readonly to: number;
}

export type Schedule = readonly Window[];

const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
const PART =
  /^(?<first>sun|mon|tue|wed|thu|fri|sat)(?:-(?<last>sun|mon|tue|wed|thu|fri|sat))? +(?<from>\d{1,2}:\d{2})-(?<to>\d{1,2}:\d{2})$/;

/**
 * 'mon-fri 22:00-07:00, sat-sun 00:00-24:00': hours of local time, per weekday; hours that end before they begin end on the next
 * day. Several parts may name one day. Empty: no schedule, so at any time.
 * @returns undefined when it cannot be understood
 */
export function parseSchedule(text: string): Schedule | undefined {
  const windows: Window[] = [];
  for (const part of text
    .toLowerCase()
    .split(',')
    .map((each) => each.trim())) {
    if (part === '' && text.trim() === '') return [];
    const found = PART.exec(part)?.groups;
    if (!found) return undefined;
    const from = minutesOf(found['from']);
    const to = minutesOf(found['to']);
    if (from === undefined || to === undefined || from >= DAY || from === to) return undefined;
    for (const weekday of daysFrom(found['first'], found['last'])) windows.push({ weekday, from, to });
  }
  return windows;
}

const DAY = 24 * 60;

function minutesOf(text = ''): number | undefined {
  const [hours = NaN, minutes = NaN] = text.split(':').map(Number);
  const total = hours * 60 + minutes;
  return minutes < 60 && total <= DAY ? total : undefined;
}

/** 'sat-mon' goes over the end of the week. */
function daysFrom(first = '', last = first): number[] {
  const start = WEEKDAYS.findIndex((name) => name === first);
  const end = WEEKDAYS.findIndex((name) => name === last);
  return Array.from({ length: ((end - start + 7) % 7) + 1 }, (_, index) => (start + index) % 7);
}

/** @returns whether it is time, and when the next window opens if it is not */
export function lookAtSchedule(schedule: Schedule, nowMs: number): { isTime: boolean; opensAtMs: number | undefined } {
  if (schedule.length === 0) return { isTime: true, opensAtMs: undefined };
  const now = new Date(nowMs);
  let opensAtMs: number | undefined;
  // Yesterday's may reach into today; eight days on, every weekday was seen.
  for (let offset = -1; offset <= 8; offset += 1) {
    const weekday = (now.getDay() + offset + 7) % 7;
    for (const window of schedule) {
      if (window.weekday !== weekday) continue;
      // Built from local parts, so that a day with 23 or 25 hours is none to fall over.
      const start = at(now, offset, window.from);
      const end = at(now, window.to > window.from ? offset : offset + 1, window.to);
      if (start <= nowMs && nowMs < end) return { isTime: true, opensAtMs: undefined };
      if (start > nowMs && (opensAtMs === undefined || start < opensAtMs)) opensAtMs = start;
    }
  }
  return { isTime: false, opensAtMs };
}

function at(day: Date, offset: number, minutes: number): number {
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + offset, 0, minutes).getTime();
}

/** Eight in the morning of the next day, local time. */
export function tomorrowMorning(nowMs: number): number {
  const now = new Date(nowMs);
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1, 8).getTime();
}
