import { Registry } from 'prom-client';
import { ENGINE_LIMITS } from './engine-limits.ts';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { createScriptedEngine, type Script } from '../engine/testing/scripted-engine.ts';
import { createJobVault } from '../ledger/job-vault.ts';
import { openLedger } from '../ledger/open-ledger.ts';
import { NOON_MS, OWN, testJob, utcDay } from '../ledger/testing/test-jobs.ts';
import { GridError } from '../protocol/errors.ts';
import { V1_PRICE } from '../protocol/price.ts';
import { createSealer } from '../store/sealer.ts';
import { temporaryFolder } from '../store/testing/temporary-folder.ts';
import type { Asker } from './asker.ts';
import { createServe } from './serve.ts';
import { createWorkerJobs } from './worker-jobs.ts';
import type { WorkerDeps } from './worker-deps.ts';

const HOUR_MS = 3600_000;
const never = new AbortController().signal;
const UNSIGNED: Asker = { kind: 'unsigned', claimed: 'anonymous' };
const REQUEST = { model: 'm', messages: [{ role: 'user' as const, content: 'hello' }] };
const BODY = Buffer.from(JSON.stringify(REQUEST));

/** A worker's jobs on a real ledger, with a clock that stands until it is moved. */
async function startJobs(file: string, options: { script?: Script; nowMs?: number; secret?: number } = {}) {
  const ledger = await openLedger({ file, ownPubkey: OWN.pubkey, localDay: utcDay });
  const engine = createScriptedEngine(options.script);
  const clock = { nowMs: options.nowMs ?? NOON_MS };
  const sharing = { state: 'ready' as 'ready' | 'paused' };
  const stopping = new AbortController();
  const sealer = createSealer(Buffer.alloc(32, options.secret ?? 1), 'stored jobs');
  let random = clock.nowMs;
  const deps: WorkerDeps = {
    signer: OWN,
    engine,
    engineLimits: ENGINE_LIMITS,
    registry: new Registry(),
    ledger,
    policy: () => ({
      concurrency: 1,
      maxQueue: 8,
      giftTokensPerDay: 1_000_000,
      price: V1_PRICE,
      tier: 'interactive',
      friendsOnly: false,
      isShared: () => true,
    }),
    sharing: () => sharing,
    isBlocked: () => false,
    friends: { find: () => undefined, redeem: () => 'refused' },
    jobs: {
      begin: () => ({
        with: () => undefined,
        via: () => undefined,
        phase: () => undefined,
        tokens: () => undefined,
        end: () => undefined,
      }),
    },
    storedJobs: createJobVault(ledger.storedJobs, sealer, 'serving'),
    log: pino({ level: 'silent' }),
    nowMs: () => clock.nowMs,
    localDay: utcDay,
    randomHex: (bytes) => (random += 1).toString(16).padStart(bytes * 2, '0'),
    allowedHosts: [],
    stopping: stopping.signal,
  };
  const jobs = createWorkerJobs(deps, createServe(deps));
  const statusOf = (id: string) => deps.storedJobs.find(id, clock.nowMs)?.status;
  return {
    jobs,
    engine,
    ledger,
    clock,
    sharing,
    vault: deps.storedJobs,
    statusOf,
    ended: async (id: string) => {
      await expect.poll(() => statusOf(id), { timeout: 10_000 }).not.toMatch(/queued|running/);
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await ledger.close();
    },
  };
}

describe('stored jobs', () => {
  it('done: the answer is kept for an hour and then nowhere', async () => {
    using folder = temporaryFolder();
    await using here = await startJobs(folder.path('ledger'));
    const { id } = await here.jobs.place(UNSIGNED, REQUEST, BODY, never);
    await here.ended(id);
    expect(here.vault.answer(id)).toMatchObject({ choices: [{ message: { content: 'Hello' } }] });
    here.clock.nowMs += HOUR_MS - 1;
    expect(here.statusOf(id)).toBe('done');
    here.clock.nowMs += 1;
    expect(here.statusOf(id)).toBeUndefined();
    await here.jobs.sweep();
    expect(here.ledger.storedJobs.answer('serving', id)).toBeUndefined();
    expect(here.vault.counts()).toEqual({ queued: 0, running: 0, done: 0, failed: 0, cancelled: 0 });
    expect(here.ledger.entry(id)).toMatchObject({ kind: 'given' }); // the receipt stays
  });

  it('failed: why is kept for half an hour, the prompt not at all', async () => {
    using folder = temporaryFolder();
    const failAfter = { tokens: 1, error: new GridError('engine_cut') };
    await using here = await startJobs(folder.path('ledger'), { script: { failAfter } });
    const { id } = await here.jobs.place(UNSIGNED, REQUEST, BODY, never);
    await here.ended(id);
    expect(here.vault.find(id, here.clock.nowMs)).toMatchObject({ status: 'failed', errorCode: 'engine_cut' });
    expect(here.ledger.storedJobs.prompt('serving', id)).toBeUndefined();
    expect(here.ledger.entries({ limit: 9 })).toEqual([]);
    here.clock.nowMs += HOUR_MS / 2;
    expect(here.statusOf(id)).toBeUndefined();
  });

  it('not begun before the deadline of its order: expired, and stopped when it runs', async () => {
    using folder = temporaryFolder();
    await using here = await startJobs(folder.path('ledger'), { script: { tokenDelayMs: 60_000 } });
    const running = await here.jobs.place(UNSIGNED, REQUEST, BODY, never);
    const { order } = testJob({ worker: OWN, requester: OWN, number: 1 }); // its deadline is in a minute
    const waiting = await here.jobs.place({ kind: 'own', pubkey: OWN.pubkey, order }, REQUEST, BODY, never);
    await expect.poll(() => here.engine.asked.length).toBe(1);
    here.clock.nowMs += 60_000;
    await here.jobs.sweep();
    expect(here.vault.find(waiting.id, here.clock.nowMs)).toMatchObject({ errorCode: 'job_expired' });
    expect(here.statusOf(running.id)).toBe('running');
    here.clock.nowMs += 24 * HOUR_MS;
    await here.jobs.sweep();
    expect(here.vault.find(running.id, here.clock.nowMs)).toMatchObject({ errorCode: 'job_expired' });
    await expect.poll(() => here.engine.aborted).toBe(1);
  });

  it('wait while the owner does not share, and are admitted only when one does', async () => {
    using folder = temporaryFolder();
    await using here = await startJobs(folder.path('ledger'), { script: { tokenDelayMs: 20 } });
    const first = await here.jobs.place(UNSIGNED, REQUEST, BODY, never);
    const second = await here.jobs.place(UNSIGNED, REQUEST, BODY, never);
    here.sharing.state = 'paused';
    await expect(here.jobs.place(UNSIGNED, REQUEST, BODY, never)).rejects.toMatchObject({ code: 'not_sharing' });
    await here.ended(first.id);
    expect(here.statusOf(second.id)).toBe('queued');
    expect(here.engine.asked).toHaveLength(1);
  });

  it('stopped in good order go back and are done by the next process, once', async () => {
    using folder = temporaryFolder();
    const file = folder.path('ledger');
    let id = '';
    {
      await using here = await startJobs(file, { script: { tokenDelayMs: 60_000 } });
      ({ id } = await here.jobs.place(UNSIGNED, REQUEST, BODY, never));
      await expect.poll(() => here.engine.asked.length).toBe(1);
    }
    await using next = await startJobs(file);
    await next.ended(id);
    expect(next.vault.find(id, next.clock.nowMs)).toMatchObject({ status: 'done', starts: 1 });
    expect(next.ledger.entries({ limit: 9 })).toMatchObject([{ jobId: id }]);
  });

  it('that took the process down five times are given up', async () => {
    using folder = temporaryFolder();
    const file = folder.path('ledger');
    {
      await using ledger = await openLedger({ file, ownPubkey: OWN.pubkey });
      const sealer = createSealer(Buffer.alloc(32, 1), 'stored jobs');
      const vault = createJobVault(ledger.storedJobs, sealer, 'serving');
      await vault.place(
        {
          id: 'deadly',
          requester: 'anonymous',
          model: 'm',
          inputTokens: 1,
          maxOutputTokens: 1,
          placedAtMs: NOON_MS,
          expiresAtMs: NOON_MS + HOUR_MS,
          orderJson: undefined,
        },
        BODY,
      );
      for (let start = 0; start < 5; start += 1) await vault.begin('deadly', NOON_MS);
    }
    await using here = await startJobs(file);
    await here.ended('deadly');
    expect(here.vault.find('deadly', here.clock.nowMs)).toMatchObject({ status: 'failed', errorCode: 'engine_error' });
    expect(here.engine.asked).toEqual([]);
  });

  it('of another identity cannot be read, and say so instead of hanging', async () => {
    using folder = temporaryFolder();
    const file = folder.path('ledger');
    let id = '';
    {
      await using here = await startJobs(file, { script: { tokenDelayMs: 60_000 } });
      ({ id } = await here.jobs.place(UNSIGNED, REQUEST, BODY, never));
    }
    await using other = await startJobs(file, { secret: 2 });
    await other.ended(id);
    expect(other.vault.find(id, other.clock.nowMs)).toMatchObject({ status: 'failed', errorCode: 'database_damaged' });
  });
});
