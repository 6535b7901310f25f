import { createGunzip } from 'node:zlib';
import type { RequestHandler, Response } from 'express';
import type { PeerList } from './peer-list.ts';

/** Who takes longer for the whole list keeps an old one in memory: this is enough for a megabyte a second and much less. */
const SEND_LIMIT_MS = 30_000;

/**
 * GET /peers → v1's {version, count, peers}, with an ETag. With `?since=<ETag of an earlier answer, without quotes>` it
 * answers {version, count, peers, removed, since}: only what changed; when that cannot be said, the whole list, which has no
 * `removed`.
 */
export function peers({ list, nowMs }: { list: PeerList; nowMs: () => number }): RequestHandler {
  return async (request, response) => {
    response.set({ 'cache-control': 'no-cache', vary: 'accept-encoding' }).type('application/json');
    const { since } = request.query;
    const asked = request.headers['if-none-match'];
    const delta = typeof since === 'string' ? list.since(since) : undefined;
    if (delta) {
      response.set('etag', delta.etag);
      if (asked === delta.etag) notModified(response);
      else response.send(delta.body);
      return;
    }
    const current = list.currentEtag(nowMs());
    if (current !== undefined && asked === current) {
      response.set('etag', current);
      notModified(response);
      return;
    }
    const whole = await list.whole(nowMs());
    response.set('etag', whole.etag);
    if (asked === whole.etag) {
      notModified(response);
      return;
    }
    const timer = setTimeout(() => response.destroy(), SEND_LIMIT_MS);
    response.once('close', () => clearTimeout(timer));
    if (request.acceptsEncodings('gzip')) response.set('content-encoding', 'gzip').end(whole.gzipped);
    else
      createGunzip()
        .on('error', () => response.destroy())
        .end(whole.gzipped)
        .pipe(response);
  };
}

/** RFC 9110 15.4.5: what the reader has is what there is. */
function notModified(response: Response): void {
  response.status(304).end();
}
