import type {
  BreakdownRow,
  EntryKindView,
  LedgerEntryView,
  LedgerRowView,
  OverviewView,
  VerificationView,
} from '../../contract/commands.ts';
import type { DayRow, LedgerEntry } from '../../ledger/ledger.ts';
import { verifyOrder } from '../../protocol/order.ts';
import { costMicro } from '../../protocol/price.ts';
import { verifyReceipt } from '../../protocol/receipt.ts';
import { creditsOf, groupRows, sumRows } from '../credits.ts';
import { createLedgerCheck } from '../ledger-check.ts';
import { disputeSentence } from '../dispute-sentence.ts';
import { lastDays, localDay } from '../../ledger/local-day.ts';
import { CSV_HEAD, csvLine } from '../../ledger/statement-csv.ts';
import { labelOf } from '../snapshots.ts';
import type { CommandDeps, Handlers } from './command-deps.ts';

type LedgerCommand =
  | 'getOverview'
  | 'getLedgerPage'
  | 'getLedgerEntry'
  | 'verifyLedgerEntry'
  | 'startLedgerCheck'
  | 'getLedgerCheck'
  | 'stopLedgerCheck'
  | 'exportLedger';

export function ledgerCommands(deps: CommandDeps): Handlers<LedgerCommand> {
  const check = createLedgerCheck(deps.ledger);
  return {
    getOverview: ({ days }) => overview(deps, days),
    async getLedgerPage({ limit, cursor, search, kind }) {
      const page = await deps.ledger.page({
        limit,
        cursor,
        kind,
        search: search?.trim() || undefined,
        peers: search ? peersLabelled(deps, search) : [],
      });
      return { entries: page.entries.map((entry) => rowView(deps, entry)), next: page.next ?? null, total: page.total };
    },
    getLedgerEntry({ jobId }) {
      const entry = deps.ledger.entry(jobId);
      return entry ? entryView(deps, entry) : null;
    },
    verifyLedgerEntry: ({ jobId }) => verifyEntry(deps, jobId),
    startLedgerCheck: () => (check.start(), check.view()),
    getLedgerCheck: () => check.view(),
    stopLedgerCheck: () => (check.stop(), check.view()),
    async exportLedger({ format }) {
      const rows = await allEntries(deps);
      const day = localDay(deps.nowMs());
      return format === 'csv'
        ? { fileName: `lobstah-ledger-${day}.csv`, mimeType: 'text/csv', text: csvOf(deps, rows) }
        : { fileName: `lobstah-ledger-${day}.json`, mimeType: 'application/json', text: jsonOf(rows) };
    },
  };
}

async function overview(deps: CommandDeps, count: number): Promise<OverviewView> {
  const days = lastDays(count, deps.nowMs());
  const rows = await deps.ledger.history(days[0] ?? '');
  const byDay = groupRows(rows, ({ day }) => day);
  const served = rows.filter(({ kind }) => kind === 'served' || kind === 'given');
  const asked = rows.filter(({ kind }) => kind === 'asked');
  const peersIn = (some: readonly DayRow[]) => new Set(some.map(({ peer }) => peer)).size;
  const jobsIn = (some: readonly DayRow[]) => some.reduce((sum, { jobs }) => sum + jobs, 0);
  const creditors = deps.ledger
    .tabs()
    .filter(({ balanceMicro }) => balanceMicro > 0)
    .sort((a, b) => b.balanceMicro - a.balanceMicro);
  const most = creditors[0];
  const { earned, spent, given, ownTokens } = sumRows(rows);
  const idleClaw = (day: string): number => deps.contributing?.given.creditsOfDay(day) ?? 0;
  return {
    days: days.map((day) => {
      const { jobs: _, ...sums } = sumRows(byDay.get(day) ?? []);
      return { day, ...sums, given: sums.given + idleClaw(day) };
    }),
    earned,
    spent,
    given: days.reduce((sum, day) => sum + idleClaw(day), given),
    ownTokens,
    served: { jobs: jobsIn(served), peers: peersIn(served) },
    asked: { jobs: jobsIn(asked), peers: peersIn(asked) },
    spendable: {
      peers: creditors.length,
      most: most ? { label: labelOf(deps, most.pubkey), credit: creditsOf(most.balanceMicro) } : null,
    },
    byModel: breakdown(
      groupRows(rows, ({ model }) => model),
      (name) => name,
    ),
    byPeer: breakdown(
      groupRows(rows, ({ peer }) => peer),
      (peer) => labelOf(deps, peer),
    ),
  };
}

function breakdown(groups: Map<string, DayRow[]>, nameOf: (key: string) => string): BreakdownRow[] {
  return [...groups]
    .map(([key, rows]) => {
      const { given: _, ...sums } = sumRows(rows);
      return { name: nameOf(key), ...sums };
    })
    .sort((a, b) => b.earned + b.spent + b.ownTokens - (a.earned + a.spent + a.ownTokens));
}

/** Keys of the peers whose label a search means; labels are not in the ledger. */
function peersLabelled(deps: CommandDeps, search: string): string[] {
  const wanted = search.trim().toLowerCase();
  return deps.directory
    .list()
    .filter(({ label }) => label?.toLowerCase().includes(wanted))
    .map(({ pubkey }) => pubkey);
}

const CREDIT_SIGN: Record<EntryKindView, number> = { served: 1, asked: -1, own: 0, given: 0, disputed: 0 };

function rowView(deps: CommandDeps, entry: LedgerEntry): LedgerRowView {
  const other = entry.workerPubkey === deps.signer.pubkey ? entry.requesterPubkey : entry.workerPubkey;
  return {
    jobId: entry.jobId,
    kind: entry.kind,
    atMs: entry.completedAtMs,
    with: labelOf(deps, other),
    peerPubkey: other,
    model: entry.model,
    inputTokens: entry.inputTokens,
    outputTokens: entry.outputTokens,
    credits: CREDIT_SIGN[entry.kind] * creditsOf(entry.amountMicro),
    signatures: entry.receiptJson ? (entry.orderJson ? 'both' : 'receipt only') : 'none',
    dispute: entry.dispute ? disputeSentence(entry.dispute) : null,
  };
}

const indented = (json: string | undefined) => (json ? JSON.stringify(JSON.parse(json), null, 2) : null);

function entryView(deps: CommandDeps, entry: LedgerEntry): LedgerEntryView {
  return {
    ...rowView(deps, entry),
    durationMs: entry.completedAtMs - entry.startedAtMs,
    orderText: indented(entry.orderJson),
    receiptText: indented(entry.receiptJson),
  };
}

/** Everything that can be checked of one entry without believing the ledger: signatures, what binds them, the arithmetic. */
function verifyEntry(deps: CommandDeps, jobId: string): VerificationView {
  const entry = deps.ledger.entry(jobId);
  if (!entry) return { ok: false, checks: [{ what: 'The entry is in the ledger', ok: false, detail: null }] };
  const receipt = entry.receiptJson ? verifyReceipt(JSON.parse(entry.receiptJson)) : undefined;
  const order = entry.orderJson ? verifyOrder(JSON.parse(entry.orderJson)) : undefined;
  const checks: VerificationView['checks'][number][] = [];
  const check = (what: string, ok: boolean, detail: string | null = null) => checks.push({ what, ok, detail });
  check('The receipt carries the signature of its worker', receipt !== undefined, entry.workerPubkey);
  if (entry.orderJson) {
    check('The order carries the signature of its requester', order !== undefined, entry.requesterPubkey);
    check('The receipt names this very order (job id)', receipt?.receipt.jobId === order?.jobId, order?.jobId ?? null);
    check('The receipt carries the nonce of the order', receipt?.receipt.nonce === order?.order.nonce);
    check(
      'No more tokens than the order allowed',
      (receipt?.receipt.outputTokens ?? Infinity) <= (order?.order.maxOutputTokens ?? 0),
    );
  }
  if (order && receipt && (entry.kind === 'served' || entry.kind === 'asked')) {
    const cost = costMicro(order.order.price, receipt.receipt);
    check(
      'The amount is tokens times the price of the order',
      cost === entry.amountMicro,
      `${creditsOf(cost)} credits`,
    );
  }
  if (entry.dispute) check('Accepted when it came', false, disputeSentence(entry.dispute));
  check('Its postings sum to zero', deps.ledger.isBalanced(jobId));
  return { ok: checks.every(({ ok }) => ok), checks };
}

/** In pieces, so that the main thread gets its turn in between. */
async function allEntries(deps: CommandDeps): Promise<LedgerEntry[]> {
  const all: LedgerEntry[] = [];
  for (let slice = deps.ledger.slice(0, 200); slice.entries.length > 0;) {
    all.push(...slice.entries);
    await new Promise((resolve) => setImmediate(resolve));
    slice = deps.ledger.slice(slice.lastSeq, 200);
  }
  return all.toSorted((a, b) => b.completedAtMs - a.completedAtMs);
}

function csvOf(deps: CommandDeps, entries: readonly LedgerEntry[]): string {
  const names = { ownPubkey: deps.signer.pubkey, labelOf: (pubkey: string) => labelOf(deps, pubkey) };
  return CSV_HEAD + entries.map((entry) => csvLine(entry, names)).join('');
}

function jsonOf(entries: readonly LedgerEntry[]): string {
  const whole = entries.map(({ receiptJson, orderJson, ...entry }) => ({
    ...entry,
    receipt: receiptJson ? (JSON.parse(receiptJson) as unknown) : null,
    order: orderJson ? (JSON.parse(orderJson) as unknown) : null,
  }));
  return `${JSON.stringify(whole, null, 2)}\n`;
}
