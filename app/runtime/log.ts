import { closeSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { pino, type Logger } from 'pino';

const FLUSH_MS = 500;
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
  // Lines go out together, at the latest after half a second: a write for each would be felt under load.
  const destination = pino.destination({ dest: file, sync: false, append: true, minLength: 4096 });
  setInterval(() => destination.flush(), FLUSH_MS).unref();
  // A full disk or a folder in the way costs lines of the log, not the process.
  // (At exit it would try to write the rest for ever: sonic-boom's flushSync retries a full disk without end.)
  destination.on('error', () => (destination.flushSync = () => undefined));
  const stream = {
    write(line: string) {
      destination.write(line);
      bytes += Buffer.byteLength(line);
      if (bytes <= maxBytes) return;
      bytes = 0;
      try {
        renameSync(file, `${file}.1`);
      } catch {
        // Moved by another process of this home, or not opened yet: the next full file is.
        return;
      }
      destination.reopen();
    },
  };
  return pino({ level, base: { pid: process.pid } }, stream);
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
