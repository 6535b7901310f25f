import { describe, expect, it } from 'vitest';
import { startFakeOllama } from '../../app/engine/testing/fake-ollama.ts';
import { GridError } from '../../app/protocol/errors.ts';
import { verifyReceipt } from '../../app/protocol/receipt.ts';
import { decodeHeaderJson } from '../../app/protocol/headers.ts';
import { createHome, startLobstah } from './lobstah-process.ts';
import { chat, peerOf, startTestGrid, until, type TestGrid } from './test-grid.ts';

const embedder = { models: [{ name: 'e', capabilities: ['embedding' as const] }] };

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly json: {
    readonly data?: readonly { readonly index: number; readonly embedding: unknown }[];
    readonly model?: string;
    readonly usage?: object;
    readonly error?: {
      readonly code?: string;
      readonly type?: string;
      readonly message: string;
      readonly param?: string;
    };
  };
}

async function embed(base: string, body: object = {}): Promise<Answer> {
  const response = await fetch(`${base}/embeddings`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'e', input: ['ab', 'xyz'], ...body }),
  });
  return { status: response.status, headers: response.headers, json: (await response.json()) as Answer['json'] };
}

const kindsOf = ({ books }: TestGrid) => books.entries({ limit: 9 }).map(({ kind }) => kind);

describe('embeddings', () => {
  it('of a peer: ordered, receipted, settled on both sides; only what was read costs', async () => {
    await using worker = await startTestGrid({ roles: 'worker', script: embedder });
    await using router = await startTestGrid({ roles: 'router', peers: [peerOf(worker)] });
    const { status, headers, json } = await embed(router.api);
    expect([status, json]).toEqual([
      200,
      {
        object: 'list',
        model: 'e',
        data: [
          { object: 'embedding', index: 0, embedding: [2, 0.5] },
          { object: 'embedding', index: 1, embedding: [3, 0.5] },
        ],
        usage: { prompt_tokens: 6, total_tokens: 6 },
      },
    ]);
    expect(headers.get('x-lobstah-worker')).toBe(worker.grid.pubkey);
    const [asked] = router.books.entries({ limit: 1 });
    const [served] = worker.books.entries({ limit: 1 });
    expect(asked).toMatchObject({ jobId: headers.get('x-lobstah-job'), inputTokens: 6, outputTokens: 0, model: 'e' });
    expect(served).toMatchObject({ jobId: asked?.jobId, inputTokens: 6, outputTokens: 0 });
    expect(asked?.orderJson).toContain('"maxOutputTokens":1');
  });

  it('of a worker without an order: its receipt is in the header, and it comes out of the gift budget', async () => {
    await using worker = await startTestGrid({ roles: 'worker', script: embedder });
    const { status, headers } = await embed(`${worker.grid.workerUrl ?? ''}/v1`);
    expect(status).toBe(200);
    const receipt = verifyReceipt(decodeHeaderJson(headers.get('x-lobstah-receipt')));
    expect(receipt?.receipt).toMatchObject({ requesterPubkey: 'anonymous', inputTokens: 6, outputTokens: 0 });
    await using poor = await startTestGrid({
      roles: 'worker',
      script: embedder,
      settings: { worker: { giftTokensPerDay: 0 } },
    });
    const refused = await embed(`${poor.grid.workerUrl ?? ''}/v1`);
    expect([refused.status, refused.json.error?.type]).toEqual([402, 'gift_spent']);
  });

  it('go to the next peer when one fails, and nobody pays for the failure', async () => {
    const error = new GridError('engine_error', 'out of memory');
    await using bad = await startTestGrid({
      roles: 'worker',
      script: { ...embedder, failAfter: { tokens: 0, error } },
    });
    await using good = await startTestGrid({ roles: 'worker', script: embedder });
    await using router = await startTestGrid({ roles: 'router', peers: [peerOf(bad), peerOf(good)] });
    for (let round = 0; round < 4; round += 1) expect((await embed(router.api)).status).toBe(200);
    expect(kindsOf(router)).toHaveLength(4);
    expect(kindsOf(bad)).toEqual([]);
    await good[Symbol.asyncDispose]();
    const failed = await embed(router.api);
    expect([failed.status, failed.json.error?.code]).toEqual([502, 'all_peers_failed']);
  });

  it('in base64 are the same numbers', async () => {
    await using own = await startTestGrid({ roles: 'both', script: embedder });
    const { json } = await embed(own.api, { encoding_format: 'base64', input: 'four' });
    const bytes = Buffer.from(String(json.data?.[0]?.embedding), 'base64');
    expect([bytes.readFloatLE(0), bytes.readFloatLE(4), bytes.length]).toEqual([4, 0.5, 8]);
  });

  it.each<[string, object, number, string, string]>([
    ['token numbers', { input: [1, 2] }, 400, 'unsupported_parameter', 'input'],
    ['nothing', { input: [] }, 400, 'bad_request', 'input'],
    ['an unknown parameter', { truncate: true }, 400, 'unsupported_parameter', 'truncate'],
    ['another length than the model has', { dimensions: 7 }, 400, 'bad_request', 'dimensions'],
    ['a model nobody has', { model: 'nope' }, 503, 'no_capable_peer', 'nope'],
    ['a model that chats', { model: 'm' }, 503, 'no_capable_peer', 'makes no embeddings'],
  ])('for %s are refused, by name', async (_name, body, status, code, words) => {
    await using own = await startTestGrid({
      roles: 'both',
      script: { models: [...embedder.models, { name: 'm' }] },
    });
    const { status: got, json } = await embed(own.api, body);
    expect([got, json.error?.code]).toEqual([status, code]);
    expect(JSON.stringify(json.error)).toContain(words);
  });

  it('are not what a chat is given: not by auto, not by name; and auto picks the right one for each', async () => {
    await using both = await startTestGrid({ roles: 'both', script: { models: [...embedder.models, { name: 'm' }] } });
    expect((await chat(both.api, { model: 'lobstah/auto' })).content).toBe('Hello');
    expect((await embed(both.api, { model: 'lobstah/auto' })).json.model).toBe('e');
    expect((await chat(both.api, { model: 'e' })).error?.code).toBe('no_capable_peer');
    const direct = await chat(`${both.grid.workerUrl ?? ''}/v1`, { model: 'e' });
    expect([direct.status, direct.error?.message]).toEqual([400, expect.stringContaining('cannot chat')]);
    const models = (await (await fetch(`${both.api}/models`)).json()) as {
      data: { id: string; capabilities: string[] }[];
    };
    expect(models.data.find(({ id }) => id === 'e')?.capabilities).toEqual(['embedding']);
  });

  it('that the client no longer waits for stop at the engine, and cost nothing', async () => {
    await using worker = await startTestGrid({ roles: 'worker', script: { ...embedder, tokenDelayMs: 20_000 } });
    await using router = await startTestGrid({ roles: 'router', peers: [peerOf(worker)] });
    const controller = new AbortController();
    const asked = fetch(`${router.api}/embeddings`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'e', input: 'x' }),
      signal: controller.signal,
    });
    const running = () => worker.grid.snapshot().jobs.length;
    await until(() => running() === 1, 'it is being made');
    controller.abort();
    await expect(asked).rejects.toThrow();
    await until(() => running() === 0, 'it is not made any more');
    expect(kindsOf(worker)).toEqual([]);
  });

  it('come from an Ollama as it makes them', async () => {
    await using ollama = await startFakeOllama({
      models: [{ name: 'nomic-embed-text:latest', capabilities: ['embedding'] }, { name: 'm' }],
    });
    const lobstah = await startLobstah(['up'], {
      home: createHome(),
      env: { OLLAMA_HOST: ollama.url, LOBSTAH_ENGINE: 'ollama' },
    });
    const { json } = await embed(`${lobstah.routerUrl}/v1`, { model: 'nomic-embed-text', dimensions: 3 });
    expect(json.data?.map(({ embedding }) => embedding)).toEqual([
      [2, 97, 98],
      [3, 120, 122],
    ]);
    await lobstah.stop();
  });
});
