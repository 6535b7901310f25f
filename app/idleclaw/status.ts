import { request } from 'undici';
import type { z } from 'zod';
import { GridError } from '../protocol/errors.ts';
import { refusalOf, unreachable, type Dial } from './consume/ask.ts';
import { healthSchema, modelsSchema } from './frames.ts';
import { serverName } from './server-url.ts';

const TIMEOUT_MS = 10_000;

export interface IdleClawStatus {
  readonly server: string;
  readonly healthy: boolean;
  readonly uptimeSeconds: number;
  readonly nodes: number;
  /** largest first */
  readonly models: readonly { readonly name: string; readonly thinking: boolean; readonly tools: boolean }[];
}

/** How an IdleClaw server is: GET /health and /api/models. @throws GridError idleclaw_… */
export async function readStatus(server: string, dial: Dial = {}): Promise<IdleClawStatus> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const [health, models] = await Promise.all([
    read(server, '/health', healthSchema, dial, signal),
    read(server, '/api/models', modelsSchema, dial, signal),
  ]);
  return {
    server,
    healthy: health.status === 'healthy',
    uptimeSeconds: health.uptime_seconds,
    nodes: health.node_count,
    models: models.models.map((name) => ({
      name,
      thinking: models.capabilities[name]?.thinking ?? false,
      tools: models.capabilities[name]?.tool_calls ?? false,
    })),
  };
}

/** Names of the models that nodes of a server have now, largest first. */
export async function readModels(server: string, dial: Dial, signal: AbortSignal): Promise<readonly string[]> {
  return (await read(server, '/api/models', modelsSchema, dial, signal)).models;
}

async function read<Schema extends z.ZodType>(
  server: string,
  path: string,
  schema: Schema,
  dial: Dial,
  signal: AbortSignal,
): Promise<z.infer<Schema>> {
  let text: string;
  try {
    const response = await request(`${server}${path}`, {
      signal,
      ...(dial.dispatcher ? { dispatcher: dial.dispatcher } : {}),
    });
    if (response.statusCode !== 200) throw await refusalOf(server, response);
    text = await response.body.text();
  } catch (error) {
    throw error instanceof GridError ? error : unreachable(server, error);
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new GridError('idleclaw_failed', `What answers at ${serverName(server)} is no IdleClaw server.`, { cause });
  }
}
