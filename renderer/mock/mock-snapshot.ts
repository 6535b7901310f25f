import type { GridSnapshot, JobView } from '../../app/contract/snapshot.ts';
import { mockFriends } from './mock-friends.ts';
import { mockIdleClaw } from './mock-idleclaw.ts';
import { mockDays } from './mock-ledger.ts';
import { mockEngine } from './mock-models.ts';
import { mockPeers } from './mock-peers.ts';
import { MOCK_RULES, MOCK_SHARING } from './mock-sharing.ts';
import { randomHex } from './random.ts';
import type { Scene, SceneName } from './scene.ts';

function mockJobs(scene: SceneName, random: () => number, nowMs: number): JobView[] {
  if (scene !== 'busy') return [];
  const job = { maxOutputTokens: 2_048, startedAtMs: nowMs - 9_000, canStop: true, phase: 'streaming' as const };
  return [
    {
      ...job,
      jobId: randomHex(random, 64),
      direction: 'serving',
      model: 'llama3.1:8b',
      with: 'mira’s MacBook',
      outputTokens: 412,
      tokensPerSecond: 41,
    },
    {
      ...job,
      jobId: randomHex(random, 64),
      direction: 'asking',
      model: 'deepseek-r1:32b',
      with: 'lab-m2-ultra',
      outputTokens: 96,
      tokensPerSecond: 18.4,
    },
  ];
}

export function mockSnapshot(scene: Scene, random: () => number, nowMs: number): GridSnapshot {
  const isBare = scene.entries === 0;
  const week = mockDays(7, random, nowMs, isBare);
  const sharing = MOCK_SHARING[scene.name];
  // In this order: each draws on the same chance, and the pictures stay as they were.
  const pubkey = `lob1${randomHex(random, 64)}`;
  const jobs = mockJobs(scene.name, random, nowMs);
  const peers = mockPeers(scene.peers, random, nowMs);
  return {
    revision: 1,
    version: '0.1.0',
    nowMs,
    pubkey,
    routerUrl: 'http://127.0.0.1:17475/v1',
    workerUrl: 'http://127.0.0.1:17474',
    sharing: sharing.pausedUntilMs === null ? sharing : { ...sharing, pausedUntilMs: nowMs + 3_600_000 },
    engine: mockEngine(scene.name),
    sharingRules: MOCK_RULES,
    engineChoice: { kind: 'auto', url: null, hasKey: false, keyProblem: null, fixedBy: null },
    jobs,
    today: isBare
      ? { earned: 0, spent: 0, ownTokens: 0, given: 0 }
      : { earned: 18_240, spent: 6_905, ownTokens: 31_402, given: 240 },
    week,
    peers,
    overlay: { state: 'off' },
    friends: mockFriends(peers, nowMs),
    finding: {
      announce: { state: 'off' },
      trackerSync: { state: 'off' },
      nostr: { state: 'off' },
      lan: { state: 'off' },
    },
    settings: { giftTokensPerDay: 20_000, concurrency: 1, startAtLogin: false, startAtLoginAvailable: true },
    idleclaw: mockIdleClaw(scene.name),
    onboardingDone: scene.name !== 'first-run',
    download: null,
    openclaw: null,
    problems:
      scene.name === 'trouble'
        ? [
            {
              code: 'engine_unreachable',
              message: 'Ollama does not answer at 127.0.0.1:11434.',
              hint: 'Start it (open Ollama, or run ‘ollama serve’). Lobstah goes on by itself.',
            },
          ]
        : [],
  };
}
