import type { PeerView } from '../../app/contract/snapshot.ts';
import { randomHex } from './random.ts';

const NAMES = [
  'mira’s MacBook',
  'studio-mini',
  'jonas at the office',
  'attic-server',
  'lab-m2-ultra',
  'anna',
  'the library',
  'old-imac',
  'petra’s M4',
];
const MODELS = [
  'llama3.1:8b',
  'qwen3:14b',
  'gemma3:4b',
  'llama3.2:3b',
  'mistral-small:24b',
  'phi4:14b',
  'deepseek-r1:32b',
];

export function mockPeers(count: number, random: () => number, nowMs: number): PeerView[] {
  return Array.from({ length: count }, (_, index) => mockPeer(index, random, nowMs));
}

function mockPeer(index: number, random: () => number, nowMs: number): PeerView {
  const state =
    index % 9 === 4 ? 'unreachable' : index % 9 === 6 ? 'resting' : index % 9 === 7 ? 'blocked' : 'reachable';
  const path = (['https', 'http', 'direct', 'relay', 'http'] as const)[index % 5] ?? 'http';
  const isOverlay = path === 'direct' || path === 'relay';
  const credit = index % 9 === 5 ? 0 : Math.round((random() - 0.35) * 90_000);
  const name = NAMES[index % NAMES.length] as string;
  const pubkey = `lob1${randomHex(random, 64)}`;
  const url =
    path === 'https'
      ? `https://${name.replace(/[^a-z]/g, '')}.example:17474`
      : path === 'http'
        ? `http://192.168.1.${20 + (index % 200)}:17474`
        : `iroh:${pubkey.slice(4)}`;
  const source = index % 9 === 8 ? 'found on a tracker' : 'added by hand';
  return {
    pubkey,
    label: index < NAMES.length ? name : `${name} ${Math.floor(index / NAMES.length) + 1}`,
    url,
    path: isOverlay && state !== 'reachable' ? 'overlay' : path,
    rttMs: isOverlay && state === 'reachable' ? 9 + (index % 7) : null,
    source,
    sources: [source],
    addresses: [url],
    announcedAtMs: source === 'added by hand' ? null : nowMs - 90_000,
    circle: index % 9 === 0 ? 'device' : index % 9 === 2 ? 'friend' : null,
    state,
    problem: state === 'unreachable' ? 'The peer does not answer at its address.' : null,
    models: state === 'unreachable' ? [] : MODELS.slice(index % 4, (index % 4) + 1 + (index % 4)),
    latencyMs: state === 'reachable' ? 4 + random() * 60 : null,
    lastSeenMs: state === 'reachable' ? nowMs - random() * 50_000 : nowMs - random() * 9 * 86_400_000,
    credit,
    earned: Math.max(0, credit) * 2,
    spent: Math.max(0, credit),
    understandsOrders: index % 5 !== 0,
  };
}
