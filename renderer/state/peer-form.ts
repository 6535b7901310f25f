export interface PeerForm {
  readonly pubkey: string;
  readonly url: string;
  readonly label: string;
}

export type PeerFormErrors = Partial<Record<keyof PeerForm, string>>;

const PUBKEY = /^lob1[0-9a-f]{64}$/;
const MAX_LABEL_CHARACTERS = 60;

/** What is wrong with the form, in words for its fields; the grid has the last word on everything. */
export function checkPeerForm(form: PeerForm, ownPubkey: string, known: readonly string[]): PeerFormErrors {
  const errors: PeerFormErrors = {};
  const pubkey = cleanPubkey(form.pubkey);
  if (pubkey === '') errors.pubkey = 'Paste the key of the peer. Its owner finds it on the Diagnostics page.';
  else if (!PUBKEY.test(pubkey)) errors.pubkey = "A key is 'lob1' and 64 digits from 0-9 and a-f.";
  else if (pubkey === ownPubkey) errors.pubkey = 'This is the key of this Mac.';
  else if (known.includes(pubkey)) errors.pubkey = 'This peer is in the list already.';

  const url = parseUrl(form.url);
  // Over the overlay the key is an address.
  if (/^(lob1|iroh:)[0-9a-f]{64}(\?|$)/i.test(form.url.trim())) return withLabel(errors, form);
  if (form.url.trim() === '') errors.url = 'Where does it answer? For example http://192.168.1.20:17474, or its key';
  else if (!url) errors.url = 'An address begins with http:// or https:// and names a host, or with iroh:.';
  else if (url.username !== '' || url.password !== '') errors.url = 'Leave name and password out of the address.';

  return withLabel(errors, form);
}

function withLabel(errors: PeerFormErrors, { label }: PeerForm): PeerFormErrors {
  return label.trim().length > MAX_LABEL_CHARACTERS
    ? { ...errors, label: `At most ${MAX_LABEL_CHARACTERS} characters.` }
    : errors;
}

/** Keys are pasted with spaces, line ends and from places that write them in capitals. */
export function cleanPubkey(input: string): string {
  return input.replace(/\s+/g, '').toLowerCase();
}

/** True when prompts to this address could be read on the way. */
export function isReadableOnTheWay(url: string): boolean {
  const parsed = parseUrl(url);
  return parsed?.protocol === 'http:' && !['127.0.0.1', 'localhost', '[::1]'].includes(parsed.hostname);
}

function parseUrl(input: string): URL | undefined {
  const parsed = URL.parse(input.trim());
  return parsed && /^https?:$/.test(parsed.protocol) && parsed.hostname !== '' ? parsed : undefined;
}
