/** When 'until tomorrow' ends: eight in the morning, local time. */
const MORNING_HOUR = 8;

/** Whole minutes from now until 8:00 of the next day, whatever clock changes lie between. */
export function minutesUntilTomorrowMorning(now: Date): number {
  const morning = new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1, MORNING_HOUR);
  return Math.ceil((morning.getTime() - now.getTime()) / 60_000);
}
