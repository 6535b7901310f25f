import { renameSync, statSync } from 'node:fs';
import { pino, type Logger } from 'pino';

const MAX_LOG_BYTES = 5 * 1024 * 1024;

/** Logs go to a file, never to the terminal that a person reads. Prompts and answers are never handed to a logger. */
export function openLog(file: string, level: string): Logger {
  try {
    if (statSync(file).size > MAX_LOG_BYTES) renameSync(file, `${file}.1`);
  } catch {
    // No log yet.
  }
  return pino({ level, base: { pid: process.pid } }, pino.destination({ dest: file, sync: false, mkdir: true, append: true }));
}
