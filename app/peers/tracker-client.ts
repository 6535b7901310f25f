import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { request, type Dispatcher } from 'undici';
import { z } from 'zod';
import type { VerifiedAnnouncement, VerifiedUnannounce } from '../protocol/announcement.ts';
import { GridError } from '../protocol/errors.ts';
import { unreachableSentence } from './probe.ts';

const decompress = promisify(gunzip);

const ANSWER_TIMEOUT_MS = 10_000;
/** A list of twenty thousand peers of v1 fits; a tracker that sends more is filling memory. */
const MAX_LIST_BYTES = 32 * 1024 * 1024;
const MAX_ANSWER_BYTES = 64 * 1024;

interface Asked {
  readonly dispatcher: Dispatcher;
  readonly signal?: AbortSignal | undefined;
}

/**
 * POST /announce
 * @throws GridError tracker_unreachable, tracker_misbehaved, rejected, rate_limited (with `retryAfterMs`), tracker_full
 */
export async function announceTo(tracker: string, signed: VerifiedAnnouncement, asked: Asked): Promise<void> {
  const { announcement, signature } = signed;
  await post(`${tracker}/announce`, { announcement, signature }, asked);
}

const aboutSchema = z.object({ addresses: z.array(z.string()) });

/** Does this tracker list peers that are reached by key? Those of v1 know http and https, and do not say. @throws as announceTo */
export async function takesOverlayAddresses(tracker: string, asked: Asked): Promise<boolean> {
  const { status, bytes } = await send(`${tracker}/`, { method: 'GET', headers: {} }, MAX_ANSWER_BYTES, asked);
  const about = aboutSchema.safeParse(parseJson(bytes));
  return status === 200 && about.success && about.data.addresses.includes('iroh');
}

/** POST /unannounce. @throws as announceTo */
export async function unannounceFrom(tracker: string, wish: VerifiedUnannounce, asked: Asked): Promise<void> {
  const { pubkey, timestamp, signature } = wish;
  await post(`${tracker}/unannounce`, { pubkey, timestamp, signature }, asked);
}

export interface TrackerList {
  /** as they were sent: nothing is verified yet */
  readonly peers: readonly unknown[];
  readonly etag: string | undefined;
}

const listSchema = z.object({ peers: z.array(z.unknown()) });

/**
 * GET /peers of a tracker, v1's or ours.
 * @returns undefined when nothing changed since `etag`
 * @throws GridError tracker_unreachable, tracker_misbehaved
 */
export async function fetchList(
  tracker: string,
  asked: Asked & { etag?: string | undefined },
): Promise<TrackerList | undefined> {
  const { status, headers, bytes } = await send(
    `${tracker}/peers`,
    {
      method: 'GET',
      headers: { 'accept-encoding': 'gzip', ...(asked.etag === undefined ? {} : { 'if-none-match': asked.etag }) },
    },
    MAX_LIST_BYTES,
    asked,
  );
  if (status === 304) return undefined;
  if (status !== 200) throw refusal(status, headers, bytes);
  const text = headers['content-encoding'] === 'gzip' ? await unpack(bytes) : bytes;
  const list = listSchema.safeParse(parseJson(text));
  if (!list.success) throw new GridError('tracker_misbehaved');
  const { etag } = headers;
  return { peers: list.data.peers, etag: typeof etag === 'string' && etag.length <= 200 ? etag : undefined };
}

async function unpack(bytes: Buffer): Promise<Buffer> {
  try {
    return await decompress(bytes, { maxOutputLength: MAX_LIST_BYTES });
  } catch (error) {
    throw new GridError('tracker_misbehaved', 'The list of the tracker cannot be unpacked.', { cause: error });
  }
}

async function post(url: string, body: object, asked: Asked): Promise<void> {
  const { status, headers, bytes } = await send(
    url,
    { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
    MAX_ANSWER_BYTES,
    asked,
  );
  if (status !== 200) throw refusal(status, headers, bytes);
}

type Headers = Dispatcher.ResponseData['headers'];

/** Follows no redirect: the owner chose this tracker and no other. */
async function send(
  url: string,
  options: { method: 'GET' | 'POST'; headers: Record<string, string>; body?: string },
  maxBytes: number,
  { dispatcher, signal }: Asked,
): Promise<{ status: number; headers: Headers; bytes: Buffer }> {
  const limit = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
  try {
    const { statusCode, headers, body } = await request(url, {
      dispatcher,
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
      ...options,
    });
    const parts: Buffer[] = [];
    let size = 0;
    for await (const part of body as AsyncIterable<Buffer>) {
      parts.push(part);
      size += part.length;
      if (size > maxBytes) throw new GridError('tracker_misbehaved', 'The tracker sends more than any list has.');
    }
    return { status: statusCode, headers, bytes: Buffer.concat(parts) };
  } catch (error) {
    if (error instanceof GridError) throw error;
    signal?.throwIfAborted();
    throw new GridError(
      'tracker_unreachable',
      unreachableSentence(error).replace('The peer', 'The tracker').replace('the peer', 'the tracker'),
      {
        cause: error,
      },
    );
  }
}

const errorSchema = z.object({ error: z.object({ type: z.string(), reason: z.string().max(40).optional() }) });

function refusal(status: number, headers: Headers, bytes: Buffer): GridError {
  const parsed = errorSchema.safeParse(parseJson(bytes));
  const { type, reason } = parsed.success ? parsed.data.error : { type: '', reason: undefined };
  if (status === 429) {
    const seconds = Number(headers['retry-after']);
    const retryAfterMs = Number.isFinite(seconds) ? Math.min(Math.max(seconds, 1), 3600) * 1000 : undefined;
    return new GridError('rate_limited', 'The tracker says that this address asks too often.', {
      details: { retryAfterMs },
    });
  }
  if (type === 'rejected')
    return new GridError('rejected', `The tracker rejects the announcement: ${reason ?? 'no reason given'}.`, {
      details: { reason },
    });
  if (type === 'tracker_full') return new GridError('tracker_full');
  return new GridError('tracker_misbehaved', `The tracker answers with status ${status}.`);
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
