import { execFile } from 'node:child_process';

export type RunProgram = (file: string, args: readonly string[], signal: AbortSignal) => Promise<string>;

const TIMEOUT_MS = 2_000;
const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;

/** What a program of the system prints. In the language of its manual page, whatever the user speaks. */
export const runProgram: RunProgram = (file, args, signal) =>
  new Promise((resolve, reject) => {
    execFile(
      file,
      [...args],
      { signal, timeout: TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES, env: { ...process.env, LC_ALL: 'C' } },
      (error, stdout) => (error ? reject(error) : resolve(stdout)),
    );
  });
