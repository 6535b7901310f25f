import type { Command } from 'commander';
import type { LedgerEntry } from '../../ledger/ledger.ts';
import { GridError } from '../../protocol/errors.ts';
import { verifyOrder } from '../../protocol/order.ts';
import { verifyReceipt } from '../../protocol/receipt.ts';
import { disputeSentence } from '../../runtime/dispute-sentence.ts';
import { parseCount } from '../arguments.ts';
import { withBooks, type Books } from '../open-books.ts';
import { number, paint, say, sayJson, table } from '../terminal.ts';

interface JsonOption {
  json?: boolean;
}

export function addReceipts(program: Command): void {
  const receipts = program
    .command('receipts')
    .description('the newest entries of the ledger')
    .option('--limit <count>', 'how many', parseCount(100_000), 20)
    .option('--json', 'print JSON')
    .action((options: JsonOption & { limit: number }) =>
      withBooks((books) => {
        const entries = books.ledger.entries({ limit: options.limit });
        if (options.json) sayJson({ entries: entries.map(plain) });
        else if (entries.length === 0) say("No receipts yet. 'lobstah chat hello' makes the first one.");
        else say(table([HEAD.map((title) => paint('dim', title)), ...entries.map((entry) => cells(books, entry))]));
      }),
    );

  receipts
    .command('show')
    .description('one receipt with its order, verified anew')
    .argument('<jobId>', 'the job id, or enough of its beginning')
    .option('--json', 'print JSON')
    .action((jobId: string, _options: JsonOption, command: Command) =>
      // The parent takes --json too, and would keep it for itself.
      withBooks((books) => show(books, jobId, command.optsWithGlobals<JsonOption>())),
    );
}

const HEAD = ['WHEN', 'KIND', 'WITH', 'MODEL', 'IN / OUT', 'CREDITS', 'JOB'];
const SIGNS: Record<LedgerEntry['kind'], string> = { served: '+', asked: '-', own: '', given: '', disputed: '' };

function cells(books: Books, entry: LedgerEntry): string[] {
  const other = entry.workerPubkey === books.ledger.ownPubkey ? entry.requesterPubkey : entry.workerPubkey;
  const sign = SIGNS[entry.kind];
  return [
    new Date(entry.completedAtMs).toLocaleString('sv'),
    entry.kind,
    books.labelOf(other),
    entry.model,
    `${number(entry.inputTokens)} / ${number(entry.outputTokens)}`,
    sign ? `${sign}${number(entry.amountMicro / 1e6)}` : entry.kind === 'given' ? 'given' : 'free',
    entry.jobId.slice(0, 12),
  ];
}

/** A ledger entry with its documents as JSON instead of text. */
function plain({ receiptJson, orderJson, ...entry }: LedgerEntry): object {
  return { ...entry, receipt: parse(receiptJson), order: parse(orderJson) };
}

const parse = (json: string | undefined): unknown => (json === undefined ? null : JSON.parse(json));

async function show(books: Books, jobId: string, options: JsonOption): Promise<void> {
  const entry = await find(books, jobId);
  const receipt = verifyReceipt(parse(entry.receiptJson));
  const order = verifyOrder(parse(entry.orderJson));
  const bound = receipt !== undefined && order !== undefined && receipt.receipt.jobId === order.jobId;
  if (options.json) {
    sayJson({ ...plain(entry), verified: { receipt: receipt !== undefined, order: order !== undefined, bound } });
    return;
  }
  say(table([HEAD.map((title) => paint('dim', title)), cells(books, entry)]));
  say();
  if (entry.receiptJson) say(JSON.stringify(parse(entry.receiptJson), null, 2));
  if (entry.orderJson) say(JSON.stringify(parse(entry.orderJson), null, 2));
  say();
  mark(receipt !== undefined, "the receipt carries its worker's signature");
  if (entry.orderJson) {
    mark(order !== undefined, "the order carries its requester's signature");
    mark(bound, 'the receipt is for exactly this order');
  } else say('  – there is no order: the other side speaks Lobstah v1, or nobody signed one');
  if (entry.dispute) say(`${paint('red', '  ✗')} disputed: ${disputeSentence(entry.dispute)}`);
}

function mark(ok: boolean, what: string): void {
  say(`${ok ? paint('green', '  ✓') : paint('red', '  ✗')} ${what}`);
}

async function find(books: Books, jobId: string): Promise<LedgerEntry> {
  const exact = books.ledger.entry(jobId);
  if (exact) return exact;
  const page = await books.ledger.page({ limit: 2, cursor: undefined, kind: undefined, search: jobId, peers: [] });
  const [first, second] = page.entries.filter((entry) => entry.jobId.startsWith(jobId));
  if (!first) throw new GridError('invalid_argument', `There is no receipt '${jobId.slice(0, 64)}'.`);
  if (second) throw new GridError('invalid_argument', `More than one receipt begins with '${jobId}'.`);
  return first;
}
