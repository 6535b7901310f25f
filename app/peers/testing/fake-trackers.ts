import { MockAgent } from 'undici';
import type { SignedAnnouncement } from '../../protocol/announcement.ts';

export const TRACKER = 'http://tracker.example:17476';

/** Trackers that exist only in the dispatcher: no socket, every request remembered. */
export function createFakeTrackers() {
  const agent = new MockAgent();
  agent.disableNetConnect();
  const requests: { path: string; body: SignedAnnouncement & { timestamp: number } }[] = [];
  let answer: { status: number; body: unknown; headers?: Record<string, string> } = { status: 200, body: { ok: true } };
  for (const [method, path] of [
    ['POST', '/announce'],
    ['POST', '/unannounce'],
    ['GET', '/peers'],
    ['GET', '/'],
  ] as const)
    agent
      .get(TRACKER)
      .intercept({ path, method })
      .reply((options) => {
        requests.push({
          path,
          body: JSON.parse(typeof options.body === 'string' ? options.body : '{}') as SignedAnnouncement & {
            timestamp: number;
          },
        });
        return {
          statusCode: answer.status,
          data: JSON.stringify(answer.body),
          responseOptions: { headers: { 'content-type': 'application/json', ...answer.headers } },
        };
      })
      .persist();
  return { agent, requests, answer: (next: typeof answer) => (answer = next) };
}

/** A clock that stands still until it is moved; timers fire in order while it moves. */
export function createFakeClock(startMs = 1_790_000_000_000) {
  let nowMs = startMs;
  const timers = new Set<{ atMs: number; call: () => void }>();
  return {
    nowMs: () => nowMs,
    timers,
    after(ms: number, call: () => void) {
      const timer = { atMs: nowMs + ms, call };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    /** moves on, and lets everything that began settle */
    async pass(ms: number) {
      const endMs = nowMs + ms;
      for (;;) {
        await settle();
        const next = [...timers].filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
        if (!next) break;
        timers.delete(next);
        nowMs = Math.max(nowMs, next.atMs);
        next.call();
      }
      nowMs = endMs;
      await settle();
    },
  };
}

/** Mocked requests need some turns of the event loop, and no time. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
