import { closeSync, createReadStream, openSync, statSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { lineOf, REFUSALS, type Refusal } from '../../ledger/book-line.ts';
import { importBooks, type ImportReport } from '../../ledger/import-books.ts';
import type { VerifyProgress, VerifyReport } from '../../ledger/ledger.ts';
import { CSV_HEAD, csvLine } from '../../ledger/statement-csv.ts';
import { GridError } from '../../protocol/errors.ts';
import { withBooks, type Books } from '../open-books.ts';
import { writeFileWhole, writeOut } from '../output-file.ts';
import { createProgress } from '../progress.ts';
import { EXIT, interruptSignal, number, paint, say, sayJson } from '../terminal.ts';

interface JsonOption {
  json?: boolean;
}

/** So many refused lines are named on a terminal; `--json` and `--rejects` have all of them. */
const NAMED_LINES = 20;
/** `--json` holds its list in memory. */
const LISTED_LINES = 10_000;

export function addLedger(program: Command): void {
  const ledger = program
    .command('ledger')
    .description('verify the books, bring in those of v1, take them along')
    .addHelpText('after', '\nAll of these work while Lobstah runs on the same home, and when it does not.');

  ledger
    .command('verify')
    .description('every signature, every sum, every page of the file; 1 and a list when something is wrong')
    .option('--json', 'print JSON')
    .action((options: JsonOption) => withBooks((books) => verify(books, options)));

  ledger
    .command('import')
    .description("enter receipts of a v1 ledger, or of 'ledger export'; may be run again, each counts once")
    .argument('<file>', 'JSONL: one {receipt, signature} a line')
    .option('--rejects <file>', 'write the lines that are not entered into this file')
    .option('--json', 'print JSON')
    .action((file: string, options: JsonOption & { rejects?: string }) =>
      withBooks((books) => bringIn(books, file, options)),
    );

  ledger
    .command('export')
    .description('all signed receipts and orders as JSONL, or a statement as CSV')
    .argument('[file]', 'where to; standard output without it')
    .option('--format <format>', "'jsonl' (can be imported again) or 'csv' (for spreadsheets)", parseFormat, 'jsonl')
    .option('--force', 'replace the file if it is there')
    .action((file: string | undefined, options: { format: Format; force?: boolean }) =>
      withBooks((books) => {
        const pieces = piecesOf(books, options.format);
        return file === undefined ? writeOut(pieces) : writeFileWhole(file, pieces, { force: options.force === true });
      }),
    );

  ledger
    .command('backup')
    .description('a copy of one moment, verified after it was written')
    .argument('<file>', 'where to')
    .option('--force', 'replace the file if it is there')
    .option('--json', 'print JSON')
    .action((file: string, options: JsonOption & { force?: boolean }) =>
      withBooks((books) => backUp(books, file, options)),
    );
}

const STEPS: Record<VerifyProgress['step'], string> = {
  file: 'the file',
  sums: 'the sums',
  signatures: 'the signatures',
};

async function verify({ ledger }: Books, options: JsonOption): Promise<void> {
  const progress = createProgress();
  const startMs = performance.now();
  let report: VerifyReport;
  try {
    report = await ledger.verify({
      signal: interruptSignal(),
      onProgress: ({ step, done, total }) => progress.show(STEPS[step], done, total),
    });
  } finally {
    progress.clear();
  }
  const seconds = (performance.now() - startMs) / 1_000;
  if (options.json) sayJson({ ...report, seconds });
  else {
    for (const { name, what } of report.problems) say(`${paint('red', '✗')} ${name}: ${what}`);
    const unnamed = report.problemCount - report.problems.length;
    if (unnamed > 0) say(`  … and ${number(unnamed)} more`);
    const looked = `${number(report.entries)} entries, ${number(report.receipts)} receipts, ${number(report.orders)} orders`;
    if (report.ok)
      say(`${paint('green', '✓')} ${looked}: all genuine, and the books sum to zero (${number(seconds)} s)`);
    else
      say(`\n${looked}: ${number(report.problemCount)} things are wrong. docs/cli.md says how to go back to a backup.`);
  }
  if (!report.ok) process.exitCode = EXIT.failed;
}

interface RefusedLine {
  readonly line: number;
  readonly reason: Refusal;
}

async function bringIn(books: Books, file: string, options: JsonOption & { rejects?: string }): Promise<void> {
  const size = statSync(file, { throwIfNoEntry: false })?.size;
  if (size === undefined) throw new GridError('invalid_argument', `There is no file '${resolve(file)}'.`);
  const progress = createProgress();
  const source = createReadStream(file, { highWaterMark: 256 * 1024 });
  const refused: RefusedLine[] = [];
  const rejects = rejectsFile(options.rejects);
  let report: ImportReport;
  try {
    report = await importBooks(source, books.ledger, {
      signal: interruptSignal(),
      onLine: () => progress.show('importing', source.bytesRead, size),
      onRefused({ number: line, text }, reason) {
        if (refused.length < LISTED_LINES) refused.push({ line, reason });
        if (text !== undefined) rejects.add(text);
      },
    });
  } finally {
    rejects.end();
    progress.clear();
  }
  const count = Object.values(report.refused).reduce((sum, lines) => sum + lines, 0);
  if (options.json) sayJson({ ...report, refusedLines: refused });
  else sayImport(report, refused, count);
  if (count > 0) process.exitCode = EXIT.failed;
}

function sayImport({ lines, posted, known }: ImportReport, refused: readonly RefusedLine[], count: number): void {
  for (const { line, reason } of refused.slice(0, NAMED_LINES))
    say(`${paint('red', '✗')} line ${line}: ${REFUSALS[reason]}`);
  if (count > NAMED_LINES) say(`  … and ${number(count - NAMED_LINES)} more (--json lists them, --rejects keeps them)`);
  const entered = Object.values(posted).reduce((sum, jobs) => sum + jobs, 0);
  const kinds = Object.entries(posted).filter(([, jobs]) => jobs > 0);
  say(
    `${number(lines)} lines: ${number(entered)} entered${kinds.length > 0 ? ` (${kinds.map(([kind, jobs]) => `${number(jobs)} ${kind}`).join(', ')})` : ''}, ` +
      `${number(known)} known already, ${number(count)} not entered`,
  );
}

/**
 * A file for the lines that are not entered, so that nothing of a broken ledger is lost. Lines too long to be receipts are
 * named by number only.
 */
function rejectsFile(file: string | undefined): { add(line: string): void; end(): void } {
  if (file === undefined) return { add: () => undefined, end: () => undefined };
  const handle = openNew(file);
  return {
    add: (line) => void writeSync(handle, `${line}\n`),
    end: () => closeSync(handle),
  };
}

function openNew(file: string): number {
  try {
    return openSync(file, 'wx', 0o600);
  } catch (cause) {
    throw new GridError('invalid_argument', `'${file}' is there already, or cannot be written.`, { cause });
  }
}

async function backUp({ ledger }: Books, file: string, options: JsonOption & { force?: boolean }): Promise<void> {
  const progress = createProgress();
  try {
    const report = await ledger.backup(file, {
      force: options.force === true,
      signal: interruptSignal(),
      onProgress: ({ step, done, total }) =>
        progress.show(step === 'copy' ? 'copying' : 'verifying the copy', done, total),
    });
    progress.clear();
    if (options.json) sayJson(report);
    else
      say(
        `${paint('green', '✓')} ${number(report.entries)} entries, ${number(report.bytes)} bytes, verified: ${report.file}`,
      );
  } finally {
    progress.clear();
  }
}

const FORMATS = ['jsonl', 'csv'] as const;
type Format = (typeof FORMATS)[number];

function parseFormat(text: string): Format {
  const format = FORMATS.find((name) => name === text);
  if (!format) throw new GridError('invalid_argument', `The format is one of ${FORMATS.join(', ')}.`);
  return format;
}

/** A few entries at a time, in the order in which they were posted. */
function* piecesOf({ ledger, labelOf }: Books, format: Format): Generator<string> {
  const names = { ownPubkey: ledger.ownPubkey, labelOf };
  if (format === 'csv') yield CSV_HEAD;
  for (let slice = ledger.slice(0, 500); slice.entries.length > 0; slice = ledger.slice(slice.lastSeq, 500))
    yield slice.entries.map((entry) => (format === 'csv' ? csvLine(entry, names) : lineOf(entry))).join('');
}
