import { formatPubkey, parsePubkey, type Pubkey } from './pubkey.ts';

/**
 * Where a peer is found without a host name: by its key. `iroh:<64 hex>`, with what may help to find it: `relay`, the relay it
 * listens at, and any number of `at`, addresses it may be reached at directly.
 */
export interface OverlayAddress {
  readonly pubkey: Pubkey;
  readonly hints: OverlayHints;
}

export interface OverlayHints {
  readonly relayUrl: string | undefined;
  /** ip:port, [ip6]:port */
  readonly direct: readonly string[];
}

export const NO_HINTS: OverlayHints = { relayUrl: undefined, direct: [] };

const PATTERN = /^iroh:([0-9a-f]{64})(?:\?(.*))?$/i;
const SOCKET_ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\]):(\d{1,5})$/i;
const MAX_DIRECT = 16;

export function isOverlayAddress(text: string): boolean {
  return /^iroh:/i.test(text);
}

/** Also reads a bare key: it is an address. @returns a sentence about what is wrong when it is none */
export function parseOverlayAddress(text: string): OverlayAddress | { problem: string } {
  const bare = parsePubkey(text);
  if (bare) return { pubkey: bare, hints: NO_HINTS };
  const match = PATTERN.exec(text);
  if (!match?.[1]) return { problem: "an overlay address is 'iroh:' and the 64 hex digits of a key" };
  const query = new URLSearchParams(match[2] ?? '');
  const relay = query.get('relay') ?? undefined;
  const relayUrl = relay === undefined ? undefined : parseRelayUrl(relay);
  if (relay !== undefined && relayUrl === undefined)
    return { problem: `'${relay.slice(0, 80)}' is no address of a relay like https://relay.example` };
  const direct = query.getAll('at').slice(0, MAX_DIRECT);
  const wrong = direct.find((address) => !isSocketAddress(address));
  if (wrong !== undefined) return { problem: `'${wrong.slice(0, 80)}' is no address like 192.168.1.20:4433` };
  return { pubkey: formatPubkey(Buffer.from(match[1], 'hex')), hints: { relayUrl, direct } };
}

export function formatOverlayAddress({ pubkey, hints }: OverlayAddress): string {
  const parts = [
    ...(hints.relayUrl === undefined ? [] : [`relay=${plain(hints.relayUrl)}`]),
    ...hints.direct.map((address) => `at=${plain(address)}`),
  ];
  return `iroh:${pubkey.slice(4)}${parts.length > 0 ? `?${parts.join('&')}` : ''}`;
}

/** http(s)://host[:port], as the relays of iroh are named; undefined when it is none */
export function parseRelayUrl(text: string): string | undefined {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return undefined;
  }
  const isHttp = url.protocol === 'https:' || url.protocol === 'http:';
  if (!isHttp || url.username || url.password || url.search || url.hash) return undefined;
  return url.pathname === '/' ? url.origin : `${url.origin}${url.pathname}`;
}

function isSocketAddress(text: string): boolean {
  const port = SOCKET_ADDRESS.exec(text)?.[1];
  return port !== undefined && Number(port) >= 1 && Number(port) <= 65_535;
}

/** Readable where a query allows it: only what would end the value is escaped. */
function plain(value: string): string {
  return value.replaceAll(/[%&#+ ]/g, (character) => encodeURIComponent(character));
}

const HOST = /^(lob1[0-9a-f]{64})\.iroh$/;

/** Under which Host name a peer is asked over the overlay: the same HTTP, so there has to be one. */
export function overlayHost(pubkey: Pubkey): string {
  return `${pubkey}.iroh`;
}

/** @returns whose key `http://lob1….iroh` names; undefined for every other origin */
export function pubkeyOfOverlayOrigin(origin: string | URL): Pubkey | undefined {
  try {
    return parsePubkey(HOST.exec(new URL(origin).hostname)?.[1]);
  } catch {
    return undefined;
  }
}

/** Where to send a request to a peer: `http(s)://…` as it is, `iroh:…` under the name that the overlay's dispatcher knows. */
export function requestUrl(address: string, path: string): string {
  if (!isOverlayAddress(address)) return `${address}${path}`;
  const overlay = parseOverlayAddress(address);
  return 'problem' in overlay ? `${address}${path}` : `http://${overlayHost(overlay.pubkey)}${path}`;
}
