import { LIMITS } from '../frames.ts';

/** What an agent needs: a long system prompt, many turns, minutes of prefill. Behind a key, so not per address. */
const V1_LIMITS = {
  messages: 2_000,
  requestsPerMinutePerKey: 240,
  parallelPerKey: 16,
  betweenChunksMs: 180_000,
  wholeAnswerMs: 900_000,
  /** no client waits for more; a node that never stops is stopped here */
  answerCharacters: 1_000_000,
  /** while nothing comes yet, an empty delta goes out this often: older agents take silence for death */
  heartbeatMs: 5_000,
} as const;

const OWN_LIMITS = {
  /** how long a request waits for a place at a node before it is told that all are busy */
  waitForPlaceMs: 10_000,
  /** nodes asked for one answer */
  attempts: 3,
  /** thinking is shown to people too, but it is not the answer */
  thinkingCharacters: 16_384,
  toolCallsPerRound: 4,
  toolResultCharacters: 4_000,
  /** an idle node is probed at most this often, and only while something about it is unknown or its reputation is poor */
  probeEveryMs: 20_000,
  /** junk frames answered per minute and node: what comes above that is ignored */
  frameErrorsPerMinute: 30,
  /** an existing node's WebSocket library refuses frames of over 1 MiB */
  plainNodeFrameBytes: 900_000,
} as const;

type Numbers<T> = { readonly [Name in keyof T]: number };
export type HubLimits = Numbers<typeof LIMITS> &
  Numbers<typeof OWN_LIMITS> & { readonly v1: Numbers<typeof V1_LIMITS> };

export const HUB_LIMITS: HubLimits = { ...LIMITS, ...OWN_LIMITS, v1: V1_LIMITS };
