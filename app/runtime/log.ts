import { appendFileSync, closeSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { pino, type Logger } from 'pino';

/** Lines go out together, at the latest after this: a write for each would be felt under load. */
const GATHER_MS = 250;
const GATHER_CHARACTERS = 16 * 1024;
const MAX_LOG_BYTES = 5 * 1024 * 1024;

/**
 * Logs go to a file, never to the terminal that a person reads. Prompts and answers are never handed to a logger. A full file
 * becomes `<file>.1` in place of the one before, also in mid-run: an app runs for months.
 */
export function openLog(file: string, level: string, maxBytes = MAX_LOG_BYTES): Logger {
  let bytes = sizeOf(file);
  if (bytes > maxBytes) {
    renameSync(file, `${file}.1`);
    bytes = 0;
  }
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    closeSync(openSync(file, 'a', 0o600));
  } catch {
    return pino({ level: 'silent' }); // what cannot be logged is no reason not to run
  }
  const destination = pino.destination({ dest: file, sync: false, append: true });
  // A full disk or a folder in the way costs lines of the log, not the process.
  // (At exit it would try to write the rest for ever: sonic-boom's flushSync retries a full disk without end.)
  destination.on('error', () => (destination.flushSync = () => undefined));
  let gathered = '';
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (gathered === '') return;
    destination.write(gathered);
    bytes += Buffer.byteLength(gathered);
    gathered = '';
    if (bytes <= maxBytes) return;
    bytes = 0;
    try {
      renameSync(file, `${file}.1`);
    } catch {
      // Moved by another process of this home, or not opened yet: the next full file is.
      return;
    }
    destination.reopen();
  };
  const stream = {
    write(line: string) {
      gathered += line;
      if (gathered.length >= GATHER_CHARACTERS) flush();
      else timer ??= setTimeout(flush, GATHER_MS).unref();
    },
  };
  atExit.add(() => {
    // Not through the destination: at exit it would try to write to a full disk for ever.
    appendFileSync(file, gathered);
  });
  return pino({ level, base: { pid: process.pid } }, stream);
}

/** What was gathered when the process ends still goes out. */
const atExit = new Set<() => void>();
process.on('exit', () => {
  for (const last of atExit) {
    try {
      last();
    } catch {
      // A full disk costs lines of the log.
    }
  }
});

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
