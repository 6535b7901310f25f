import type { EngineModel } from '../../engine/engine.ts';
import { LIMITS, MODEL_NAME, NODE_OFFER_HEADER, type NodeOffer, type RegisterFrame } from '../frames.ts';
import type { RequestLimits } from './take-request.ts';

/**
 * What this node takes from a hub that understands the offer, which is how an agent's conversation gets through: openclaw's
 * system message alone has up to 49,000 characters. The context of the model is the real limit.
 */
export const OFFERED_LIMITS: RequestLimits = { messages: 1_000, messageCharacters: 200_000, images: true };

/** Models a hub can list, those in memory first: no more than it takes, and no name that makes it close the socket. Pure. */
export function registrable(models: readonly EngineModel[]): readonly EngineModel[] {
  return models
    .filter(({ name }) => name.length <= LIMITS.modelNameCharacters && MODEL_NAME.test(name))
    .sort((one, other) => Number(other.loaded) - Number(one.loaded))
    .slice(0, LIMITS.modelsPerNode);
}

export function registerFrame(
  nodeId: string,
  models: readonly EngineModel[],
  node: { concurrency: number; engineVersion: string },
): RegisterFrame {
  return {
    type: 'register',
    node_id: nodeId,
    models: models.map(({ name, sizeBytes }) => ({ name, size: sizeBytes ?? 0 })),
    max_concurrent: Math.min(LIMITS.maxConcurrent, Math.max(LIMITS.minConcurrent, Math.floor(node.concurrency))),
    ollama_version: node.engineVersion.slice(0, 64),
  };
}

export function offerHeaders(models: readonly EngineModel[]): Record<string, string> {
  const offer: NodeOffer = {
    version: 1,
    limits: { messages: OFFERED_LIMITS.messages, messageCharacters: OFFERED_LIMITS.messageCharacters },
    capabilities: Object.fromEntries(
      models.map(({ name, capabilities }) => [
        name,
        { thinking: capabilities.includes('thinking'), tool_calls: capabilities.includes('tools') },
      ]),
    ),
  };
  return { [NODE_OFFER_HEADER]: JSON.stringify(offer) };
}
