import type { EngineEvent } from '../engine/engine.ts';
import { asGridError, GridError } from '../protocol/errors.ts';
import type { Circle } from '../protocol/invite.ts';
import { estimateInputTokens, maxOutputTokensOf, type ChatRequest, type Usage } from '../protocol/chat.ts';
import { isEmbeddingModel } from '../protocol/capacity.ts';
import { costMicro, MICRO_PER_CREDIT } from '../protocol/price.ts';
import type { VerifiedReceipt } from '../protocol/receipt.ts';
import { HangUp } from '../http/hang-up.ts';
import type { Asker } from './asker.ts';
import { isOpen } from '../sharing/decide.ts';
import { decideCredit, Holds, type CreditDecision, type FriendFacts } from './credit.ts';
import { withinLimits, type EngineLife } from './engine-limits.ts';
import { createEmbed, type Ask, type Embed } from './embed.ts';
import { createGive, type Give } from './give.ts';
import { createOffers, type Offers } from './offers.ts';
import { signReceipt } from './sign-receipt.ts';
import { Places } from './places.ts';
import { JobStopped } from './job-stopped.ts';
import type { WorkerDeps } from './worker-deps.ts';

/** A request that was let in. Wherever it came from (HTTP, later a stored job), it is run the same way. */
export interface AdmittedJob {
  readonly jobId: string;
  readonly nonce: string;
  readonly asker: Asker;
  readonly request: ChatRequest;
  readonly maxOutputTokens: number;
  /** Ends with `finish`; throws GridErrors, HangUp when the client left, or the reason of a stop. Call once. */
  answer(): AsyncIterable<EngineEvent>;
  /** After the last event of `answer`: signs, posts durably, gives back. */
  receipt(usage: Usage): Promise<VerifiedReceipt>;
  /** After `answer` threw: what was posted for the part that came, when the owner or the engine ended it. */
  readonly cutReceipt: VerifiedReceipt | undefined;
}

/** What was decided at the door, kept until the job is begun. */
export interface Reservation {
  readonly maxOutputTokens: number;
  /** the asker was let in as one: what is served is none of the strangers' gift, and ends with the friendship */
  readonly circle: Circle | undefined;
  /** gives the credit back that is held; safe to call twice */
  release(): void;
}

/** A job that was stored between admission and now. */
export interface StoredRun {
  readonly jobId: string;
  /** enters the receipt together with the end of the job */
  append(receipt: VerifiedReceipt, terms: Parameters<WorkerDeps['ledger']['appendServed']>[1]): Promise<unknown>;
}

export interface Serve {
  readonly offers: Offers;
  readonly load: { readonly running: number; readonly waiting: number };
  /**
   * Decides in this order: stopping, friends only, model, sharing, credit, replay, queue. The engine is asked only after all of them.
   * @param signal aborts when the client hangs up
   */
  admit(asker: Asker, request: ChatRequest, signal: AbortSignal): Promise<AdmittedJob>;
  /** The same decisions for a job that is begun later. */
  reserve(asker: Asker, request: ChatRequest, signal: AbortSignal): Promise<Reservation>;
  readonly embed: Embed;
  /** After a restart: what was promised is not decided again, its credit is held again as far as there is some. */
  reserveAgain(asker: Asker, tokens: { inputTokens: number; outputTokens: number }): Reservation;
  beginStored(
    job: { asker: Asker; request: ChatRequest; reservation: Reservation; signal: AbortSignal },
    stored: StoredRun,
  ): AdmittedJob;
  /** work of another network: the same models, switch and places, but no order, no receipt and no credit */
  readonly give: Give;
}

export function createServe(deps: WorkerDeps): Serve {
  const offers = createOffers(deps);
  const places = new Places(() => deps.policy());
  const holds = new Holds();
  const life: EngineLife = { lastEventMs: -Infinity };

  async function admit(asker: Asker, request: ChatRequest, hangUp: AbortSignal): Promise<AdmittedJob> {
    const reservation = await reserve(asker, request, hangUp);
    return startJob({ asker, request, reservation, hangUp });
  }

  function reserve(asker: Asker, request: ChatRequest, hangUp: AbortSignal): Promise<Reservation> {
    const ask: Ask = {
      kind: 'chat',
      model: request.model,
      inputTokens: estimateInputTokens(request),
      maxOutputTokens: maxOutputTokensOf(request),
    };
    return reserveFor(asker, ask, hangUp);
  }

  async function reserveFor(asker: Asker, ask: Ask, hangUp: AbortSignal): Promise<Reservation> {
    if (deps.stopping.aborted) throw new GridError('shutting_down');
    if (asker.kind !== 'own' && deps.policy().friendsOnly && !friendOf(asker)) throw new GridError('friends_only');
    const model = await offers.find(ask.model, asker.kind === 'own', hangUp);
    if (isEmbeddingModel(model) !== (ask.kind === 'embedding'))
      throw new GridError(
        'engine_refused',
        ask.kind === 'chat'
          ? `'${model.name}' makes embeddings and cannot chat.`
          : `'${model.name}' makes no embeddings.`,
        { details: { param: 'model' } },
      );
    const nowMs = deps.nowMs();
    if (asker.kind !== 'own' && !isOpen(deps.sharing(nowMs))) throw new GridError('not_sharing');
    if (asker.kind === 'key' && deps.isBlocked(asker.pubkey)) throw new GridError('not_sharing');
    const order = asker.kind === 'unsigned' ? undefined : asker.order;
    const maxOutputTokens = Math.min(ask.maxOutputTokens, order?.order.maxOutputTokens ?? Infinity);
    const tokens = { inputTokens: ask.inputTokens, outputTokens: maxOutputTokens };
    const decision = decide(asker, tokens, nowMs);
    const circle = friendOf(asker)?.circle;
    if (!decision.admit) throw creditError(asker, decision);
    const release = hold(asker, decision);
    try {
      if (order && (await deps.ledger.takeOrder(order, nowMs)) === 'replayed') throw new GridError('order_replayed');
    } catch (error) {
      release();
      throw error;
    }
    return { maxOutputTokens, circle, release };
  }

  function reserveAgain(asker: Asker, tokens: { inputTokens: number; outputTokens: number }): Reservation {
    const decision = decide(asker, tokens, deps.nowMs());
    return {
      maxOutputTokens: tokens.outputTokens,
      circle: friendOf(asker)?.circle,
      release: decision.admit ? hold(asker, decision) : () => undefined,
    };
  }

  const friendOf = (asker: Asker) => (asker.kind === 'key' ? deps.friends.find(asker.pubkey) : undefined);
  const keyOf = (asker: Asker) => (asker.kind === 'key' ? asker.pubkey : 'unsigned');

  function hold(asker: Asker, decision: CreditDecision & { admit: true }): () => void {
    const { holdTabMicro, holdGiftMicro, holdFriendMicro } = decision;
    return holds.take(keyOf(asker), holdTabMicro, holdGiftMicro, holdFriendMicro);
  }

  function decide(asker: Asker, tokens: { inputTokens: number; outputTokens: number }, nowMs: number): CreditDecision {
    const { giftTokensPerDay, price } = deps.policy();
    const order = asker.kind === 'key' ? asker.order.order : undefined;
    return decideCredit(asker, {
      tabMicro: asker.kind === 'key' ? deps.ledger.tabMicro(asker.pubkey) : 0,
      heldMicro: holds.heldMicro(keyOf(asker)),
      giftLimitMicro: giftTokensPerDay * MICRO_PER_CREDIT,
      giftUsedMicro: deps.ledger.giftUsedMicro(deps.localDay(nowMs)),
      giftHeldMicro: holds.giftMicro,
      costMicro: costMicro(order?.price ?? price, tokens),
      friend: friendFacts(asker, nowMs),
    });
  }

  function friendFacts(asker: Asker, nowMs: number): FriendFacts | undefined {
    const friend = friendOf(asker);
    if (friend?.circle !== 'friend') return friend && { circle: 'device' };
    return {
      circle: 'friend',
      limitMicro: friend.tokensPerDay * MICRO_PER_CREDIT,
      servedTodayMicro: deps.ledger.servedMicro(friend.pubkey, deps.localDay(nowMs)),
      heldMicro: holds.friendMicro(friend.pubkey),
    };
  }

  function startJob(job: {
    asker: Asker;
    request: ChatRequest;
    reservation: Reservation;
    hangUp: AbortSignal;
    stored?: StoredRun;
  }): AdmittedJob {
    const { asker, request, stored } = job;
    const { maxOutputTokens, circle, release } = job.reservation;
    const order = asker.kind === 'unsigned' ? undefined : asker.order;
    const jobId = order?.jobId ?? stored?.jobId ?? deps.randomHex(16);
    const nonce = order?.order.nonce ?? deps.randomHex(16);
    const startedAtMs = deps.nowMs();
    const stop = new AbortController();
    const signal = AbortSignal.any([job.hangUp, stop.signal]);
    let cutReceipt: VerifiedReceipt | undefined;
    const live = deps.jobs.begin({
      jobId,
      direction: 'serving',
      model: request.model,
      otherPubkey: asker.kind === 'unsigned' ? 'anonymous' : asker.pubkey,
      maxOutputTokens,
      startedAtMs,
      stop: (reason) => stop.abort(new JobStopped(reason)),
    });

    /** The hold ends with the entry: in between, the same credit would look unspent. */
    async function receipt(usage: Usage): Promise<VerifiedReceipt> {
      try {
        return await post(usage);
      } finally {
        release();
      }
    }

    async function post(usage: Usage): Promise<VerifiedReceipt> {
      const signed = signReceipt({ asker, jobId, nonce, model: request.model, startedAtMs }, usage, deps);
      const terms = { order, price: deps.policy().price, nowMs: deps.nowMs(), noGift: circle !== undefined };
      await (stored ? stored.append(signed, terms) : deps.ledger.appendServed(signed, terms));
      if (asker.kind !== 'own') deps.onReceipt?.(signed);
      return signed;
    }

    async function* answer(): AsyncGenerator<EngineEvent> {
      let leave: (() => void) | undefined;
      let delivered = 0;
      let finished: Usage | undefined;
      let endedHere = false;
      try {
        live.phase('queued');
        leave = await places.enter(
          asker.kind === 'unsigned' ? 'unsigned' : asker.pubkey,
          asker.kind === 'own',
          signal,
          stored !== undefined,
        );
        live.phase('waiting');
        const wait = {
          inputTokens: estimateInputTokens(request),
          tools: (request.tools?.length ?? 0) > 0,
          deadlineMs: order?.order.deadline,
        };
        const ask = (until: AbortSignal) => deps.engine.chat({ request, maxOutputTokens }, until);
        const { engineLimits: limits, nowMs } = deps;
        for await (const event of withinLimits(ask, wait, signal, { limits, life, nowMs })) {
          if (event.type === 'delta') {
            delivered += 1;
            if (delivered === 1) live.phase('streaming');
            live.tokens(delivered);
          } else finished = event.usage;
          yield event;
        }
      } catch (error) {
        endedHere = stop.signal.aborted || (error instanceof GridError && error.code === 'engine_stalled');
        throw asAnswerError(error);
      } finally {
        leave?.();
        // A client that asked for no stream has got nothing, and owes nothing.
        if ((job.hangUp.aborted || endedHere) && delivered > 0 && request.stream === true)
          await settleCut(finished, delivered);
        if (!finished || job.hangUp.aborted) release(); // else `receipt` does
        live.end();
      }
    }

    /**
     * What came before a client left, the owner came back, or the engine hung, is paid for: one token a delta, our estimate of
     * the prompt.
     */
    async function settleCut(counted: Usage | undefined, deltas: number): Promise<void> {
      const usage = counted ?? { inputTokens: estimateInputTokens(request), outputTokens: deltas, estimated: true };
      try {
        cutReceipt = await receipt(usage);
      } catch (error) {
        deps.log.error({ err: error, jobId }, 'receipt of a cut answer not posted');
      }
    }

    return {
      jobId,
      nonce,
      asker,
      request,
      maxOutputTokens,
      answer,
      receipt,
      get cutReceipt() {
        return cutReceipt;
      },
    };
  }

  return {
    offers,
    get load() {
      return { running: places.runningCount, waiting: places.waitingCount };
    },
    admit,
    reserve,
    embed: createEmbed({ ...deps, places, reserve: reserveFor }),
    reserveAgain,
    beginStored: ({ signal, ...job }, stored) => startJob({ ...job, hangUp: signal, stored }),
    give: createGive({ ...deps, offers, places }),
  };
}

function creditError(asker: Asker, decision: CreditDecision & { admit: false }): GridError {
  return new GridError(decision.code, undefined, {
    details: {
      availableTokens: Math.floor(decision.availableMicro / MICRO_PER_CREDIT),
      requesterPubkey: asker.kind === 'unsigned' ? asker.claimed : asker.pubkey,
    },
  });
}

function asAnswerError(thrown: unknown): unknown {
  if (thrown instanceof HangUp) return thrown;
  if (thrown instanceof JobStopped) return thrown.error;
  return asGridError(thrown, 'engine_error');
}
