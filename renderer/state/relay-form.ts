import { splitTrackers } from './tracker-form.ts';

export interface RelayForm {
  /** between commas */
  readonly relays: string;
  readonly url: string;
  readonly label: string;
}

export type RelayFormErrors = Partial<Record<keyof RelayForm, string>>;

const MOST_RELAYS = 8;
const MAX_LABEL_CHARACTERS = 40;

/** What is wrong with the form, in words for its fields; the grid has the last word on everything. */
export function checkRelayForm(form: RelayForm, isAnnounce: boolean): RelayFormErrors {
  const errors: RelayFormErrors = {};
  const relays = splitTrackers(form.relays);
  const odd = relays.find((relay) => !isAddress(relay, /^wss?:$/));
  if (relays.length === 0) errors.relays = 'Which relay? Any public Nostr relay will do.';
  else if (odd !== undefined) errors.relays = `‘${odd}’ is no relay: its address begins with wss:// or ws://.`;
  else if (relays.length > MOST_RELAYS) errors.relays = `At most ${MOST_RELAYS} relays.`;
  if (!isAnnounce) return errors;
  if (form.url.trim() === '') errors.url = 'Where do others reach this Mac? For example https://mac.example:17474';
  else if (!isAddress(form.url.trim(), /^(?:https?|iroh):$/))
    errors.url = 'An address begins with http:// or https:// and names a host.';
  if (form.label.trim().length > MAX_LABEL_CHARACTERS) errors.label = `At most ${MAX_LABEL_CHARACTERS} characters.`;
  return errors;
}

function isAddress(text: string, protocol: RegExp): boolean {
  const parsed = URL.parse(text);
  return parsed !== null && protocol.test(parsed.protocol) && (parsed.hostname !== '' || parsed.pathname !== '');
}
