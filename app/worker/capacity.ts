import type { Request, RequestHandler } from 'express';
import { MAX_BODY_BYTES } from '../http/json-body.ts';
import type { EngineModel } from '../engine/engine.ts';
import type { Capacity, Offer } from '../protocol/capacity.ts';
import { CHALLENGE_HEADER, encodeHeaderJson, PROOF_HEADER } from '../protocol/headers.ts';
import type { Price } from '../protocol/price.ts';
import { answerChallenge } from '../protocol/proof.ts';
import { isOwner } from './asker.ts';
import type { Serve } from './serve.ts';
import type { WorkerDeps } from './worker-deps.ts';

function offerOf(model: EngineModel, price: Price): Offer {
  return {
    model: model.name,
    ...(model.digest === undefined ? {} : { digest: model.digest }),
    ...(model.parameterSize === undefined ? {} : { parameterSize: model.parameterSize }),
    ...(model.quantization === undefined ? {} : { quantization: model.quantization }),
    ...(model.contextLength === undefined ? {} : { contextLength: model.contextLength }),
    capabilities: [...model.capabilities],
    loaded: model.loaded,
    price,
  };
}

/** Nothing is offered while nothing would be served: a peer that is told otherwise only loses time. The owner sees all. */
async function visibleModels(deps: WorkerDeps, serve: Serve, owner: boolean): Promise<readonly EngineModel[]> {
  const signal = AbortSignal.timeout(5_000);
  if (owner) return serve.offers.all(signal);
  return deps.sharing(deps.nowMs()).state === 'ready' ? serve.offers.shared(signal) : [];
}

/** What the Host header says, if that is where this connection really came in; a forwarder's port is another. */
function dialledHost({ headers, socket }: Request): string | undefined {
  return headers.host?.endsWith(`:${String(socket.localPort)}`) ? headers.host : undefined;
}

/** GET /capacity: v1's members, and ours that v1 ignores. */
export function capacity(deps: WorkerDeps, serve: Serve): RequestHandler {
  return async (request, response) => {
    const nowMs = deps.nowMs();
    const owner = isOwner(request.headers, { pubkey: deps.signer.pubkey, nowMs });
    const { price, tier, concurrency, maxQueue } = deps.policy();
    const { running, waiting } = serve.load;
    const visible = await visibleModels(deps, serve, owner);
    const open = owner || deps.sharing(nowMs).state === 'ready';
    const answer: Capacity = {
      pubkey: deps.signer.pubkey,
      models: visible.map(({ name }) => name),
      tier,
      concurrency,
      queueDepth: running + waiting,
      jobCounts: deps.storedJobs.counts(),
      order: 1,
      protocol: 2,
      offers: visible.map((model) => offerOf(model, price)),
      limits: { maxBodyBytes: MAX_BODY_BYTES, maxQueue },
      sharing: !open ? 'paused' : running >= concurrency ? 'busy' : 'ready',
    };
    const proof = answerChallenge(request.headers[CHALLENGE_HEADER], dialledHost(request), deps.signer);
    if (proof) response.setHeader(PROOF_HEADER, encodeHeaderJson(proof));
    response.json(answer);
  };
}

/** GET /v1/models in OpenAI's shape */
export function models(deps: WorkerDeps, serve: Serve): RequestHandler {
  return async (request, response) => {
    const owner = isOwner(request.headers, { pubkey: deps.signer.pubkey, nowMs: deps.nowMs() });
    const visible = await visibleModels(deps, serve, owner);
    response.json({
      object: 'list',
      data: visible.map(({ name }) => ({ id: name, object: 'model', created: 0, owned_by: deps.signer.pubkey })),
    });
  };
}
