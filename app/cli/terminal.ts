import { styleText } from 'node:util';
import { CommanderError } from 'commander';
import { asGridError, GridError } from '../protocol/errors.ts';

/** Documented in `lobstah --help` and docs/cli.md. */
export const EXIT = { ok: 0, failed: 1, usage: 2, notRunning: 3, interrupted: 130 } as const;

type Style = Parameters<typeof styleText>[0];

/** Colour only where a person looks at a terminal; NO_COLOR and FORCE_COLOR are obeyed by styleText. */
export function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

export function say(line = ''): void {
  process.stdout.write(`${line}\n`);
}

/** One JSON document on stdout, for scripts. */
export function sayJson(value: unknown): void {
  say(JSON.stringify(value, null, 2));
}

/** Columns padded to their widest cell; the last one is left ragged. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, index) => (widths[index] = Math.max(widths[index] ?? 0, cell.length)));
  return rows
    .map((row) =>
      row.map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd(widths[index] ?? 0))).join('  '),
    )
    .join('\n');
}

export const number = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 2 });

/** What happened, and on the next line what to do. @returns the exit code */
export function fail(thrown: unknown): number {
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (isInterrupt(thrown)) return EXIT.interrupted;
  const error = asGridError(thrown);
  if (process.argv.includes('--json'))
    process.stderr.write(
      `${JSON.stringify({ error: { type: error.code, message: error.message, hint: error.hint, ...error.details } })}\n`,
    );
  else {
    process.stderr.write(
      `${styleText('red', 'lobstah:', { stream: process.stderr })} ${error.message}\n  ${error.hint}\n`,
    );
    if (error.code === 'internal_error') process.stderr.write(`  ${describe(error.cause)}\n`);
  }
  if (error.code === 'not_running') return EXIT.notRunning;
  return error.code === 'invalid_argument' ? EXIT.usage : EXIT.failed;
}

function describe(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
}

function isInterrupt(thrown: unknown): boolean {
  return thrown instanceof GridError ? isInterrupt(thrown.cause) : thrown instanceof Interrupted;
}

export class Interrupted extends Error {}

/** Aborts at Ctrl-C or SIGTERM. A second Ctrl-C ends the process at once. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(EXIT.interrupted);
      controller.abort(new Interrupted(signal));
    });
  return controller.signal;
}
