import { request } from 'undici';
import { z } from 'zod';
import { ERRORS, GridError, isGridErrorCode } from '../protocol/errors.ts';
import { apiKeyFromEnvironment } from './router-client.ts';

const jobSchema = z.looseObject({
  id: z.string(),
  status: z.enum(['queued', 'running', 'done', 'failed', 'cancelled']),
  model: z.string(),
  workerPubkey: z.string().optional(),
  createdAt: z.number(),
  startedAt: z.number().optional(),
  completedAt: z.number().optional(),
  expiresAt: z.number(),
  outputTokens: z.number().optional(),
  tries: z.number().optional(),
  result: z
    .looseObject({
      model: z.string(),
      choices: z.array(z.looseObject({ message: z.looseObject({ content: z.string().nullish() }) })).min(1),
    })
    .optional(),
  receipt: z
    .looseObject({
      receipt: z.looseObject({ jobId: z.string(), inputTokens: z.number(), outputTokens: z.number() }),
    })
    .optional(),
  error: z.object({ type: z.string(), message: z.string() }).optional(),
});
export type JobView = z.infer<typeof jobSchema>;

const listSchema = z.object({ data: z.array(jobSchema) });
const errorSchema = z.object({ error: z.object({ type: z.string(), message: z.string() }) });

/** The jobs of one router. */
export interface JobsClient {
  place(chat: object): Promise<JobView>;
  list(): Promise<JobView[]>;
  /** @param id enough of its beginning to tell it from the others */
  find(id: string): Promise<JobView>;
  cancel(id: string): Promise<JobView>;
}

/** @throws GridError not_running, and whatever the router says */
export function createJobsClient(routerUrl: string): JobsClient {
  const apiKey = apiKeyFromEnvironment();
  async function ask(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<unknown> {
    let answer: { statusCode: number; json: unknown };
    try {
      const response = await request(`${routerUrl}/v1/jobs${path}`, {
        method,
        signal: AbortSignal.timeout(30_000),
        headers: {
          ...(body ? { 'content-type': 'application/json' } : {}),
          ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      answer = { statusCode: response.statusCode, json: await response.body.json() };
    } catch (error) {
      throw new GridError('not_running', `No Lobstah router answers at ${routerUrl}.`, { cause: error });
    }
    if (answer.statusCode < 300) return answer.json;
    const failure = errorSchema.safeParse(answer.json);
    if (!failure.success) throw new GridError('not_running', `What answers at ${routerUrl} is not a Lobstah router.`);
    throw gridErrorOf(failure.data.error);
  }

  const list = async () => listSchema.parse(await ask('GET', '')).data;

  async function whole(id: string): Promise<string> {
    if (/^[0-9a-f]{32}$/.test(id)) return id;
    const [first, second] = (await list()).filter((job) => job.id.startsWith(id));
    if (!first) throw new GridError('job_not_found', `There is no job '${id.slice(0, 64)}'.`);
    if (second) throw new GridError('invalid_argument', `More than one job begins with '${id}'.`);
    return first.id;
  }

  return {
    list,
    place: async (chat) => jobSchema.parse(await ask('POST', '', chat)),
    find: async (id) => jobSchema.parse(await ask('GET', `/${await whole(id)}`)),
    cancel: async (id) => jobSchema.parse(await ask('DELETE', `/${await whole(id)}`)),
  };
}

/** The message of a server ends with the hint of its row, which a GridError brings by itself. */
export function gridErrorOf({ type, message }: { type: string; message: string }): GridError {
  if (!isGridErrorCode(type)) return new GridError('peer_misbehaved', message);
  return new GridError(type, message.replace(ERRORS[type].hint, '').trim());
}
