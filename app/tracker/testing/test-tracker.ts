import { createHash, randomBytes } from 'node:crypto';
import { listen, type RunningServer } from '../../http/listen.ts';
import type { TrustedProxies } from '../../http/client-network.ts';
import { issueAnnouncement, type Announcement, type VerifiedAnnouncement } from '../../protocol/announcement.ts';
import { createSigner, type Signer } from '../../protocol/ed25519.ts';
import { createTrackerApp } from '../tracker-app.ts';
import { TRACKER_LIMITS, type TrackerLimits } from '../tracker-deps.ts';

export const T0 = 1_790_000_000_000;

export const signerOf = (name: string): Signer => createSigner(createHash('sha256').update(name).digest());

export function announcementOf(signer: Signer, changes: Partial<Announcement> = {}): VerifiedAnnouncement {
  return issueAnnouncement({ url: 'https://mac.example:17474', ttlSeconds: 300, announcedAt: T0, ...changes }, signer);
}

export interface TestTracker extends AsyncDisposable {
  readonly url: string;
  readonly server: RunningServer;
  /** the clock of the tracker */
  setNow(ms: number): void;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<{ status: number; body: unknown }>;
}

/** A tracker on a free port whose clock stands still. */
export async function startTestTracker(
  options: { limits?: Partial<TrackerLimits>; trustedProxies?: TrustedProxies; nowMs?: () => number } = {},
): Promise<TestTracker> {
  let now = T0;
  const problems: unknown[] = [];
  const app = createTrackerApp({
    limits: { ...TRACKER_LIMITS, ...options.limits },
    nowMs: options.nowMs ?? (() => now),
    randomHex: (bytes) => randomBytes(bytes).toString('hex'),
    trustedProxies: options.trustedProxies ?? [],
    allowedHosts: [],
    onUnexpected: (error) => problems.push(error),
  });
  const server = await listen(app, { host: '127.0.0.1', port: 0 });
  return {
    url: server.url,
    server,
    setNow: (ms) => (now = ms),
    async post(path, body, headers = {}) {
      const response = await fetch(server.url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
      return { status: response.status, body: await response.json() };
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      if (problems.length > 0) throw new Error('the tracker met something unexpected', { cause: problems[0] });
    },
  };
}
