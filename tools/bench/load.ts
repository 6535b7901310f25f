import { Agent } from 'undici';
import { CHUNKS, bodyOf, type Kind } from './workload.ts';

export interface Round {
  readonly perSecond: number;
  /** ms from sending to the first content, one a request */
  readonly firstMs: readonly number[];
  /** ms between two contents, all of all streams */
  readonly gapsMs: readonly number[];
}

/** One client program: it keeps its connections from round to round. */
export function createLoad(url: string) {
  const agent = new Agent({
    connections: null,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: 600_000,
    keepAliveMaxTimeout: 600_000,
  });
  return {
    /**
     * Makes `requests` requests, `parallel` at a time, and reads every answer to its end.
     * @throws Error when an answer is not whole: a fast wrong answer is worth nothing
     */
    async run(kind: Kind, parallel: number, requests: number): Promise<Round> {
      const firstMs: number[] = [];
      const gapsMs: number[] = [];
      const body = bodyOf(kind);
      let left = requests;
      const lane = async (): Promise<void> => {
        while (left > 0) {
          left -= 1;
          await ask(agent, url, kind, body, firstMs, gapsMs);
        }
      };
      const startMs = performance.now();
      await Promise.all(Array.from({ length: parallel }, lane));
      return { perSecond: (requests / (performance.now() - startMs)) * 1_000, firstMs, gapsMs };
    },
    close: () => agent.close(),
  };
}
export type Load = ReturnType<typeof createLoad>;

function ask(agent: Agent, url: string, kind: Kind, body: string, firstMs: number[], gapsMs: number[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const sentMs = performance.now();
    let lastMs = 0;
    let contents = 0;
    let status = 0;
    let tail = '';
    agent.dispatch(
      {
        origin: url,
        path: '/v1/chat/completions',
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      },
      {
        onRequestStart() {},
        onResponseStart(_controller, statusCode) {
          status = statusCode;
        },
        onResponseData(_controller, chunk) {
          const text = chunk.toString('latin1');
          tail = (tail + text).slice(-64);
          let found = 0;
          for (let at = text.indexOf(' token'); at >= 0; at = text.indexOf(' token', at + 6)) found += 1;
          if (found === 0) return;
          const nowMs = performance.now();
          if (contents === 0) firstMs.push(nowMs - sentMs);
          else gapsMs.push(nowMs - lastMs);
          lastMs = nowMs;
          contents += found;
        },
        onResponseEnd() {
          const ended = kind === 'json' ? tail.endsWith('}') : tail.endsWith('data: [DONE]\n\n');
          if (status === 200 && contents === CHUNKS && ended) resolve();
          else reject(new Error(`answer with status ${status}, ${contents} of ${CHUNKS} tokens, ending '${tail}'`));
        },
        onResponseError(_controller, error) {
          reject(error);
        },
      },
    );
  });
}
