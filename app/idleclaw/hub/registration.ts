import {
  type CLOSE,
  MODEL_NAME,
  nodeOfferSchema,
  registerFrameSchema,
  type NodeOffer,
  type RegisterFrame,
} from '../frames.ts';
import type { HubLimits } from './hub-limits.ts';

export interface Registration {
  readonly nodeId: string;
  /** name → bytes */
  readonly models: ReadonlyMap<string, number>;
  readonly maxConcurrent: number;
  readonly ollamaVersion: string;
}

export type Refusal = keyof typeof CLOSE;

/** @returns why not, in the order in which existing nodes expect to be told */
export function parseRegistration(frame: unknown, limits: HubLimits): Registration | Refusal {
  const {
    type,
    node_id: nodeId,
    models,
  } = (typeof frame === 'object' && frame !== null ? frame : {}) as Record<string, unknown>;
  if (type !== 'register') return 'expectedRegister';
  if (!registerFrameSchema.shape.node_id.safeParse(nodeId).success) return 'invalidNodeId';
  if (!Array.isArray(models) || models.length === 0) return 'noModels';
  if (models.length > limits.modelsPerNode) return 'tooManyModels';
  const parsed = registerFrameSchema.safeParse(frame);
  if (!parsed.success) return 'invalidModelName';
  if (parsed.data.models.some(({ name }) => !isModelName(name, limits))) return 'invalidModelName';
  return toRegistration(parsed.data, limits);
}

const isModelName = (name: string, { modelNameCharacters }: HubLimits) =>
  name.length <= modelNameCharacters && MODEL_NAME.test(name);

function toRegistration(frame: RegisterFrame, { minConcurrent, maxConcurrent }: HubLimits): Registration {
  return {
    nodeId: frame.node_id.toLowerCase(),
    models: new Map(frame.models.map(({ name, size }) => [name, size])),
    maxConcurrent: Math.min(maxConcurrent, Math.max(minConcurrent, Math.floor(frame.max_concurrent))),
    ollamaVersion: frame.ollama_version ?? '',
  };
}

/** What a node of ours told in its upgrade request. Anything that cannot be understood counts as nothing said. */
export function parseOffer(header: string | string[] | undefined): NodeOffer | undefined {
  if (typeof header !== 'string') return undefined;
  try {
    return nodeOfferSchema.safeParse(JSON.parse(header)).data;
  } catch {
    return undefined;
  }
}
