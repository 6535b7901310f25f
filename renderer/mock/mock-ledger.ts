import type {
  BreakdownRow,
  EntryKindView,
  LedgerEntryView,
  LedgerPage,
  LedgerQuery,
  LedgerRowView,
  OverviewView,
} from '../../app/contract/commands.ts';
import type { DayView, PeerView } from '../../app/contract/snapshot.ts';
import { randomHex } from './random.ts';

const MODELS = ['llama3.1:8b', 'qwen3:14b', 'gemma3:4b', 'llama3.2:3b'];
const KINDS: readonly EntryKindView[] = [
  'served',
  'served',
  'asked',
  'served',
  'own',
  'asked',
  'served',
  'given',
  'asked',
  'own',
];
const MEAN_GAP_MS = 1_400_000;

export function mockEntries(
  count: number,
  peers: readonly PeerView[],
  random: () => number,
  nowMs: number,
): LedgerRowView[] {
  let atMs = nowMs - 40_000;
  return Array.from({ length: count }, (_, index) => {
    atMs -= random() * 2 * MEAN_GAP_MS;
    return mockEntry(index, peers[Math.floor(random() * peers.length)], random, atMs);
  });
}

export function mockEntry(
  index: number,
  peer: PeerView | undefined,
  random: () => number,
  atMs: number,
): LedgerRowView {
  const isDisputed = index % 23 === 3;
  const kind: EntryKindView = isDisputed ? 'disputed' : (KINDS[index % KINDS.length] as EntryKindView);
  const inputTokens = Math.round(100 + random() ** 3 * 14_000);
  const outputTokens = Math.round(40 + random() * 900);
  const cost = inputTokens + outputTokens;
  return {
    jobId: randomHex(random, 64),
    kind,
    atMs,
    with: kind === 'own' ? 'this Mac' : (peer?.label ?? `lob1 ${randomHex(random, 4)}…${randomHex(random, 4)}`),
    peerPubkey: peer?.pubkey ?? `lob1${randomHex(random, 64)}`,
    model: MODELS[Math.floor(random() * MODELS.length)] as string,
    inputTokens,
    outputTokens,
    credits: kind === 'asked' ? -cost : kind === 'served' || isDisputed ? cost : 0,
    signatures: isDisputed ? 'receipt only' : index % 31 === 9 ? 'none' : 'both',
    dispute: isDisputed ? `${outputTokens + 823} tokens claimed, ${outputTokens} counted` : null,
  };
}

export function mockPage(entries: readonly LedgerRowView[], query: LedgerQuery): LedgerPage {
  const words = query.search?.toLowerCase();
  const matching = entries.filter(
    (entry) =>
      (query.kind === undefined || entry.kind === query.kind) &&
      (words === undefined ||
        [entry.model, entry.with, entry.peerPubkey, entry.jobId].join(' ').toLowerCase().includes(words)),
  );
  const start = Number(query.cursor ?? 0);
  const end = start + query.limit;
  return {
    entries: matching.slice(start, end),
    next: end < matching.length ? String(end) : null,
    total: matching.length,
  };
}

export function mockEntryDetail(entry: LedgerRowView): LedgerEntryView {
  const order = {
    v: 1,
    nonce: entry.jobId.slice(0, 32),
    model: entry.model,
    max_output_tokens: 2_048,
    signature: entry.jobId,
  };
  const receipt = {
    v: 1,
    job_id: entry.jobId,
    input_tokens: entry.inputTokens,
    output_tokens: entry.outputTokens,
    worker_sig: entry.jobId,
  };
  return {
    ...entry,
    durationMs: entry.outputTokens * 24,
    orderText: entry.signatures === 'both' ? JSON.stringify(order, null, 2) : null,
    receiptText: entry.signatures === 'none' ? null : JSON.stringify(receipt, null, 2),
  };
}

export function mockDays(count: number, random: () => number, nowMs: number, isEmpty: boolean): DayView[] {
  const now = new Date(nowMs);
  return Array.from({ length: count }, (_, index) => {
    const date = new Date(now.getFullYear(), now.getMonth(), now.getDate() - (count - 1 - index));
    const day = `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}-${String(date.getDate()).padStart(2, '0')}`;
    const wave = Math.abs(Math.sin(index * 1.7) * 14_000 + Math.sin(index * 0.6) * 5_000);
    if (isEmpty) return { day, earned: 0, spent: 0, ownTokens: 0, given: 0 };
    return {
      day,
      earned: Math.round(2_000 + wave + random() * 2_000),
      spent: Math.round(800 + Math.abs(Math.cos(index * 1.1)) * 9_000 + random() * 1_000),
      ownTokens: Math.round(20_000 + random() * 30_000),
      given: Math.round(random() * 900),
    };
  });
}

export function mockOverview(
  days: readonly DayView[],
  entries: readonly LedgerRowView[],
  peers: readonly PeerView[],
): OverviewView {
  const sum = (pick: (day: DayView) => number) => days.reduce((total, day) => total + pick(day), 0);
  const withCredit = peers.filter(({ credit }) => credit > 0).sort((a, b) => b.credit - a.credit);
  const served = entries.filter(({ kind }) => kind === 'served');
  const asked = entries.filter(({ kind }) => kind === 'asked');
  const most = withCredit[0];
  return {
    days,
    earned: sum((day) => day.earned),
    spent: sum((day) => day.spent),
    given: sum((day) => day.given),
    ownTokens: sum((day) => day.ownTokens),
    served: { jobs: served.length, peers: new Set(served.map((entry) => entry.with)).size },
    asked: { jobs: asked.length, peers: new Set(asked.map((entry) => entry.with)).size },
    spendable: { peers: withCredit.length, most: most ? { label: most.label, credit: most.credit } : null },
    byModel: breakdown(entries, (entry) => entry.model),
    byPeer: breakdown(entries, (entry) => entry.with),
  };
}

function breakdown(entries: readonly LedgerRowView[], nameOf: (entry: LedgerRowView) => string): BreakdownRow[] {
  const rows = new Map<string, BreakdownRow>();
  for (const entry of entries) {
    const name = nameOf(entry);
    const row = rows.get(name) ?? { name, earned: 0, spent: 0, ownTokens: 0, jobs: 0 };
    rows.set(name, {
      name,
      earned: row.earned + Math.max(0, entry.credits),
      spent: row.spent + Math.max(0, -entry.credits),
      ownTokens: row.ownTokens + (entry.kind === 'own' ? entry.inputTokens + entry.outputTokens : 0),
      jobs: row.jobs + 1,
    });
  }
  return [...rows.values()].sort((a, b) => b.earned + b.spent - a.earned - a.spent);
}
