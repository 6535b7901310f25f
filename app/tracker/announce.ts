import type { Request, RequestHandler, Response } from 'express';
import { parseJsonBody } from '../http/json-body.ts';
import { clampTtlSeconds, parseAnnouncement, verifyAnnouncement, verifyUnannounce } from '../protocol/announcement.ts';
import { GridError } from '../protocol/errors.ts';
import type { Registry } from './registry.ts';
import type { TrackerMetrics } from './tracker-metrics.ts';

export interface AnnounceRoom {
  readonly registry: Registry;
  readonly metrics: TrackerMetrics;
  readonly nowMs: () => number;
  /** @throws GridError rate_limited */
  readonly limitKey: (pubkey: string, response: Response) => void;
}

const SENTENCES = {
  malformed: 'It is not in the form of a signed announcement.',
  'bad-signature': 'The signature is not that of the key it names.',
  stale: 'It is older than its ttl.',
  future: 'It is more than five minutes ahead of the clock of this tracker.',
  older: 'A newer announcement of this key is known.',
} as const;

/** v1 reads `reason`; the last two of them are ours. */
function rejected(reason: keyof typeof SENTENCES): GridError {
  return new GridError('rejected', SENTENCES[reason], { details: { reason } });
}

/** POST /announce → {ok, pubkey, ttlSeconds, registeredCount} */
export function announce(room: AnnounceRoom, networkIn: (request: Request) => string): RequestHandler {
  const { registry, metrics } = room;
  return (request, response) => {
    try {
      const json = parseJsonBody(request.body);
      const signed = verifyAnnouncement(json);
      if (!signed) throw rejected(parseAnnouncement(json) ? 'bad-signature' : 'malformed');
      const { pubkey, ttlSeconds } = signed.announcement;
      room.limitKey(pubkey, response);
      const result = registry.announce(signed, networkIn(request), room.nowMs());
      if (result === 'full') throw new GridError('tracker_full');
      if (result !== 'ok') throw rejected(result);
      metrics.counted('announce', 'ok');
      response.json({
        ok: true,
        pubkey,
        ttlSeconds: clampTtlSeconds(ttlSeconds),
        registeredCount: registry.count,
      });
    } catch (error) {
      metrics.counted('announce', resultOf(error));
      throw error;
    }
  };
}

/** POST /unannounce {pubkey, timestamp, signature} → {ok, removed} */
export function unannounce(room: AnnounceRoom): RequestHandler {
  return (request, response) => {
    try {
      const wish = verifyUnannounce(parseJsonBody(request.body));
      if (!wish) throw rejected('bad-signature');
      room.limitKey(wish.pubkey, response);
      const removed = room.registry.unannounce(wish, room.nowMs());
      if (typeof removed === 'string') throw rejected(removed);
      room.metrics.counted('unannounce', removed ? 'removed' : 'unknown');
      response.json({ ok: true, removed });
    } catch (error) {
      room.metrics.counted('unannounce', resultOf(error));
      throw error;
    }
  };
}

function resultOf(error: unknown): string {
  if (!(error instanceof GridError)) return 'error';
  const { reason } = error.details;
  return typeof reason === 'string' ? reason : error.code;
}
