import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { fetch as undiciFetch, type Response } from 'undici';
import { GridError } from '../protocol/errors.ts';

export interface DownloadProgress {
  readonly phase: 'downloading' | 'checking';
  readonly receivedBytes: number;
  /** undefined while the server has not said */
  readonly totalBytes: number | undefined;
}

export interface DownloadOptions {
  readonly url: string;
  /** 64 hex digits. Without it, the server must publish one (x-linked-etag, as Hugging Face does for large files). */
  readonly sha256?: string;
  readonly toFile: string;
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
  readonly fetch?: typeof undiciFetch;
}

const PROGRESS_STEP_BYTES = 512 * 1024;

/**
 * Fetches one file: into `<file>.part`, going on where an earlier try ended, checked against its checksum, then renamed. The name
 * therefore only ever holds a whole file. Aborted or broken off, the part stays for the next try.
 * @throws GridError download_failed, home_unwritable; the signal's reason
 */
export async function downloadModel(options: DownloadOptions): Promise<{ bytes: number; sha256: string }> {
  const {
    url,
    toFile,
    onProgress = () => undefined,
    signal = new AbortController().signal,
    fetch = undiciFetch,
  } = options;
  const partFile = `${toFile}.part`;
  try {
    const sha256 = options.sha256 ?? (await publishedSha256(url, fetch, signal));
    await mkdir(dirname(toFile), { recursive: true, mode: 0o700 });
    const bytes = await fetchRest({ url, partFile, fetch, signal, onProgress });
    onProgress({ phase: 'checking', receivedBytes: bytes, totalBytes: bytes });
    const found = await sha256OfFile(partFile, signal);
    if (found !== sha256.toLowerCase()) {
      // Going on from wrong bytes would never end well.
      await rm(partFile, { force: true });
      throw new GridError(
        'download_failed',
        `What was received is not '${basename(toFile)}': its checksum is another one. It was thrown away.`,
      );
    }
    await rename(partFile, toFile);
    return { bytes, sha256: found };
  } catch (error) {
    signal.throwIfAborted();
    throw explain(error, toFile);
  }
}

/** The hub answers a HEAD with a redirect that carries the SHA-256 of the file; behind it the header is gone. */
async function publishedSha256(url: string, fetch: typeof undiciFetch, signal: AbortSignal): Promise<string> {
  const answer = await fetch(url, { method: 'HEAD', redirect: 'manual', signal });
  const [, sha256] = /^"?([0-9a-f]{64})"?$/i.exec(answer.headers.get('x-linked-etag') ?? '') ?? [];
  if (!sha256)
    throw new GridError(
      'download_failed',
      `${new URL(url).host} does not say what the file must look like (status ${answer.status}).`,
    );
  return sha256;
}

interface Fetching {
  readonly url: string;
  readonly partFile: string;
  readonly fetch: typeof undiciFetch;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: DownloadProgress) => void;
}

/** @returns the size of the part, now whole */
async function fetchRest(fetching: Fetching): Promise<number> {
  const file = await openPart(fetching.partFile);
  try {
    return await fetchInto(file, fetching);
  } finally {
    await file.close();
  }
}

async function fetchInto(file: FileHandle, fetching: Fetching): Promise<number> {
  const { url, fetch, signal, onProgress } = fetching;
  let receivedBytes = (await file.stat()).size;
  const answer = await fetch(url, {
    signal,
    ...(receivedBytes > 0 ? { headers: { range: `bytes=${receivedBytes}-` } } : {}),
  });
  const range = rangeOf(answer);
  if (answer.status === 416 && receivedBytes > 0) {
    await answer.body?.cancel();
    if (range.totalBytes === receivedBytes) return receivedBytes;
    // The part is longer than the file: it belongs to another one.
    await file.truncate(0);
    return fetchInto(file, fetching);
  }
  if (!answer.ok || !answer.body) {
    await answer.body?.cancel();
    throw new GridError('download_failed', `${new URL(url).host} answered with status ${answer.status}.`);
  }
  if (answer.status !== 206 || range.startBytes !== receivedBytes) {
    // The server does not do ranges, and sends everything.
    if (answer.status === 206)
      throw new GridError('download_failed', `${new URL(url).host} sent another part than it was asked for.`);
    await file.truncate(0);
    receivedBytes = 0;
  }
  const totalBytes = range.totalBytes;
  let reportedBytes = receivedBytes;
  onProgress({ phase: 'downloading', receivedBytes, totalBytes });
  for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
    await writeAll(file, chunk, receivedBytes);
    receivedBytes += chunk.length;
    if (receivedBytes - reportedBytes < PROGRESS_STEP_BYTES) continue;
    reportedBytes = receivedBytes;
    onProgress({ phase: 'downloading', receivedBytes, totalBytes });
  }
  if (totalBytes !== undefined && receivedBytes !== totalBytes)
    throw new GridError('download_failed', `The download ended after ${receivedBytes} of ${totalBytes} bytes.`);
  await file.sync();
  return receivedBytes;
}

function rangeOf(answer: Response): { startBytes: number; totalBytes: number | undefined } {
  const [, start, total] = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(answer.headers.get('content-range') ?? '') ?? [];
  const whole = answer.status === 200 ? answer.headers.get('content-length') : null;
  const totalBytes = Number(total ?? whole ?? Number.NaN);
  return { startBytes: Number(start ?? 0), totalBytes: Number.isNaN(totalBytes) ? undefined : totalBytes };
}

/** Reading, writing, kept as it is; 'a+' would not allow to write at a place. */
async function openPart(partFile: string): Promise<FileHandle> {
  const exists = await stat(partFile).catch(() => undefined);
  return open(partFile, exists ? 'r+' : 'w+', 0o600);
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let written = 0;
  while (written < bytes.length)
    written += (await file.write(bytes, written, bytes.length - written, position + written)).bytesWritten;
}

async function sha256OfFile(file: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { signal, highWaterMark: 1024 * 1024 }))
    hash.update(chunk as Buffer);
  return hash.digest('hex');
}

const DISK_FULL = new Set(['ENOSPC', 'EDQUOT']);
const DISK_CLOSED = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EISDIR', 'ENOENT', 'EEXIST']);

function explain(error: unknown, toFile: string): GridError {
  if (error instanceof GridError) return error;
  const { code = '', cause } = error as NodeJS.ErrnoException;
  if (DISK_FULL.has(code))
    return new GridError('home_unwritable', 'The disk is full. What was received so far is kept.', { cause: error });
  if (DISK_CLOSED.has(code))
    return new GridError('home_unwritable', `'${dirname(toFile)}' cannot be written (${code}).`, { cause: error });
  const reason =
    (cause instanceof Error && ((cause as NodeJS.ErrnoException).code ?? cause.message)) || code || String(error);
  return new GridError('download_failed', `The download broke off (${reason}). What was received so far is kept.`, {
    cause: error,
  });
}
