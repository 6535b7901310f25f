import { createPublicKey, verify } from 'node:crypto';
import { canonicalJson } from '../../app/protocol/canonical-json.ts';

export interface V1Answer {
  readonly status: number;
  readonly content: string;
  readonly receipt: { receipt: Record<string, unknown>; signature: string } | undefined;
  readonly receiptValid: boolean;
  readonly usage: Record<string, number> | undefined;
  readonly done: boolean;
  readonly error: unknown;
}

/**
 * What a v1 router does with a worker: posts the plain body with a bare `x-lobstah-requester`, reads the stream line by line,
 * takes the receipt out of its comment, checks it with its own code. For contract tests only.
 */
export async function askAsV1Router(workerUrl: string, requester: string, body: object): Promise<V1Answer> {
  const response = await fetch(`${workerUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-lobstah-requester': requester },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok || !response.headers.get('content-type')?.startsWith('text/event-stream')) {
    const json = JSON.parse(text) as {
      error?: unknown;
      usage?: Record<string, number>;
      choices?: { message: { content: string } }[];
    };
    return result(
      response.status,
      json.choices?.[0]?.message.content ?? '',
      response.headers.get('x-lobstah-receipt'),
      {
        usage: json.usage,
        done: response.ok,
        error: json.error,
      },
    );
  }
  let content = '';
  let header: string | null = null;
  let usage: Record<string, number> | undefined;
  let done = false;
  for (const line of text.split('\n')) {
    if (line.startsWith(':lobstah-receipt:')) header = line.slice(':lobstah-receipt:'.length);
    if (!line.startsWith('data: ')) continue;
    if (line === 'data: [DONE]') {
      done = true;
      continue;
    }
    const chunk = JSON.parse(line.slice(6)) as {
      choices: { delta: { content?: string } }[];
      usage?: Record<string, number>;
    };
    content += chunk.choices[0]?.delta.content ?? '';
    usage = chunk.usage ?? usage;
  }
  return result(response.status, content, header, { usage, done, error: undefined });
}

function result(
  status: number,
  content: string,
  header: string | null,
  rest: Pick<V1Answer, 'usage' | 'done' | 'error'>,
): V1Answer {
  const receipt = header
    ? (JSON.parse(Buffer.from(header, 'base64').toString('utf8')) as NonNullable<V1Answer['receipt']>)
    : undefined;
  return { status, content, receipt, receiptValid: receipt !== undefined && v1Valid(receipt), ...rest };
}

function v1Valid({ receipt, signature }: NonNullable<V1Answer['receipt']>): boolean {
  const raw = Buffer.from(String(receipt['workerPubkey']).slice(4), 'hex');
  const key = createPublicKey({
    key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw]),
    format: 'der',
    type: 'spki',
  });
  const fresh = Math.abs(Date.now() - Number(receipt['completedAt'])) <= 5 * 60_000;
  return fresh && verify(null, Buffer.from(canonicalJson(receipt)), key, Buffer.from(signature, 'hex'));
}

export interface V1Job {
  readonly id: string;
  readonly status: string;
  readonly content: string | undefined;
  readonly receiptValid: boolean;
  readonly error: { type: string } | undefined;
}

/** What a v1 client does with jobs: posts the body of a chat, and looks until it is done or failed. */
export async function jobAsV1Client(url: string, requester: string, body: object): Promise<V1Job> {
  const placed = await fetch(`${url}/v1/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-lobstah-requester': requester },
    body: JSON.stringify(body),
  });
  if (placed.status !== 202) throw new Error(`status ${placed.status}: ${await placed.text()}`);
  const { id } = (await placed.json()) as { id: string };
  const deadline = Date.now() + 10_000;
  for (;;) {
    const job = (await (await fetch(`${url}/v1/jobs/${id}`)).json()) as {
      status: string;
      result?: { choices: { message: { content: string } }[] };
      receipt?: NonNullable<V1Answer['receipt']>;
      error?: { type: string };
    };
    if (job.status === 'done' || job.status === 'failed')
      return {
        id,
        status: job.status,
        content: job.result?.choices[0]?.message.content,
        receiptValid: job.receipt !== undefined && v1Valid(job.receipt),
        error: job.error,
      };
    if (Date.now() > deadline) throw new Error(`the job is still ${job.status}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
