import type { Request, RequestHandler } from 'express';
import { MAX_BODY_BYTES } from '../http/json-body.ts';
import type { EngineModel } from '../engine/engine.ts';
import type { Capacity, Offer } from '../protocol/capacity.ts';
import { CHALLENGE_HEADER, encodeHeaderJson, PROOF_HEADER } from '../protocol/headers.ts';
import { FREE_PRICE, type Price } from '../protocol/price.ts';
import { answerChallenge } from '../protocol/proof.ts';
import type { Pubkey } from '../protocol/pubkey.ts';
import { isOpen } from '../sharing/decide.ts';
import { whoLooks } from './asker.ts';
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

/** The least this worker takes from a key. Own devices are free. */
export function offerTo(pubkey: Pubkey | undefined, deps: Pick<WorkerDeps, 'friends' | 'policy'>): Price {
  const isDevice = pubkey !== undefined && deps.friends.find(pubkey)?.circle === 'device';
  return isDevice ? FREE_PRICE : deps.policy().price;
}

/** Who looks, and what is there for them: nothing is offered where nothing would be served. */
function viewFor(request: Request, deps: WorkerDeps): { pubkey: Pubkey | undefined; owner: boolean; open: boolean } {
  const nowMs = deps.nowMs();
  const pubkey = whoLooks(request.headers, { pubkey: deps.signer.pubkey, nowMs });
  const owner = pubkey === deps.signer.pubkey;
  const isFriend = pubkey !== undefined && deps.friends.find(pubkey) !== undefined;
  const serves = isOpen(deps.sharing(nowMs)) && (isFriend || !deps.policy().friendsOnly);
  return { pubkey, owner, open: owner || serves };
}

/** A peer that is told of what it would not get only loses time. The owner sees all. */
async function visibleModels(
  serve: Serve,
  { owner, open }: { owner: boolean; open: boolean },
): Promise<readonly EngineModel[]> {
  const signal = AbortSignal.timeout(5_000);
  if (owner) return serve.offers.all(signal);
  return open ? serve.offers.shared(signal) : [];
}

/** What the Host header says, if that is where this connection really came in; a forwarder's port is another. */
function dialledHost({ headers, socket }: Request): string | undefined {
  return headers.host?.endsWith(`:${String(socket.localPort)}`) ? headers.host : undefined;
}

/** GET /capacity: v1's members, and ours that v1 ignores. */
export function capacity(deps: WorkerDeps, serve: Serve): RequestHandler {
  return async (request, response) => {
    const view = viewFor(request, deps);
    const { tier, concurrency, maxQueue } = deps.policy();
    const { running, waiting } = serve.load;
    const visible = await visibleModels(serve, view);
    const price = offerTo(view.pubkey, deps);
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
      sharing: !view.open ? 'paused' : running >= concurrency ? 'busy' : 'ready',
    };
    const proof = answerChallenge(request.headers[CHALLENGE_HEADER], dialledHost(request), deps.signer);
    if (proof) response.setHeader(PROOF_HEADER, encodeHeaderJson(proof));
    response.json(answer);
  };
}

/** GET /v1/models in OpenAI's shape */
export function models(deps: WorkerDeps, serve: Serve): RequestHandler {
  return async (request, response) => {
    const visible = await visibleModels(serve, viewFor(request, deps));
    response.json({
      object: 'list',
      data: visible.map(({ name }) => ({ id: name, object: 'model', created: 0, owned_by: deps.signer.pubkey })),
    });
  };
}
