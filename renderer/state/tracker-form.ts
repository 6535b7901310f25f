export interface TrackerForm {
  /** one address a line or between commas */
  readonly trackers: string;
  readonly url: string;
  readonly label: string;
}

export type TrackerFormErrors = Partial<Record<keyof TrackerForm, string>>;

const MOST_TRACKERS = 8;
const MAX_LABEL_CHARACTERS = 40;

/** What is wrong with the form, in words for its fields; the grid has the last word on everything. */
export function checkTrackerForm(form: TrackerForm, kind: 'announce' | 'sync'): TrackerFormErrors {
  const errors: TrackerFormErrors = {};
  const trackers = splitTrackers(form.trackers);
  const odd = trackers.find((tracker) => !isAddress(tracker));
  if (trackers.length === 0) errors.trackers = 'Which tracker? Whoever runs it tells you its address.';
  else if (odd !== undefined) errors.trackers = `‘${odd}’ is no address: it begins with http:// or https://.`;
  else if (trackers.length > MOST_TRACKERS) errors.trackers = `At most ${MOST_TRACKERS} trackers.`;
  if (kind === 'sync') return errors;
  if (form.url.trim() === '') errors.url = 'Where do others reach this Mac? For example https://mac.example:17474';
  else if (!isAddress(form.url.trim()) && !isKey(form.url.trim()))
    errors.url = 'An address begins with http:// or https:// and names a host, or it is the key of this Mac.';
  if (form.label.trim().length > MAX_LABEL_CHARACTERS) errors.label = `At most ${MAX_LABEL_CHARACTERS} characters.`;
  return errors;
}

export function splitTrackers(text: string): string[] {
  return [...new Set(text.split(/[\s,]+/).filter((part) => part !== ''))];
}

function isAddress(text: string): boolean {
  const parsed = URL.parse(text);
  return parsed !== null && /^https?:$/.test(parsed.protocol) && parsed.hostname !== '';
}

/** Over the overlay the key is an address. */
const isKey = (text: string) => /^(lob1|iroh:)[0-9a-f]{64}(\?|$)/i.test(text);
