import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startFakeOllama, type FakeOllama } from '../../app/engine/testing/fake-ollama.ts';
import { openclawBody } from '../bodies/openclaw-body.ts';
import { createHome, runLobstah, startLobstah, type LobstahProcess } from './lobstah-process.ts';
import { chat, until } from './test-grid.ts';

let ollama: FakeOllama;
let lobstah: LobstahProcess;
let api: string;
beforeAll(async () => {
  ollama = await startFakeOllama({
    models: [{ name: 'qwen3:8b', capabilities: ['completion', 'tools'], contextLength: 40_960 }],
  });
  lobstah = await startLobstah(['up'], {
    home: createHome(),
    env: { OLLAMA_HOST: ollama.url, LOBSTAH_ENGINE: 'ollama' },
  });
  api = `${lobstah.routerUrl}/v1`;
});
afterAll(async () => {
  await lobstah.stop();
  await ollama.close();
});
beforeEach(() => {
  Object.assign(ollama.script, { tokens: 5, tokenDelayMs: 0, fault: undefined });
});

const question = { model: 'qwen3:8b' };

describe('an Ollama behind router and worker', () => {
  it('gets a body like that of openclaw unharmed', async () => {
    const sent = openclawBody('qwen3:8b') as { tools: unknown[]; messages: { content: unknown }[] };
    const answer = await chat(api, sent);
    expect(answer).toMatchObject({ status: 200, done: true });
    const got = ollama.chats.at(-1);
    expect(got?.model).toBe('qwen3:8b');
    expect(got?.tools).toEqual(sent.tools);
    expect(got?.messages).toMatchObject([
      { role: 'system', content: sent.messages[0]?.content },
      { role: 'user', content: 'earlier' },
      { role: 'assistant', content: '', tool_calls: [{ function: { name: 'tool_0', arguments: { a: 'b' } } }] },
      { role: 'tool', content: 'result' },
      { role: 'user', content: 'hello' },
    ]);
    // 41,400 characters are over ten thousand tokens: Ollama's default context would have cut them in silence.
    expect(Number(got?.options?.['num_ctx'])).toBeGreaterThanOrEqual(16_384);
    expect(got?.options?.['num_predict']).toBe(8192);
  });

  it.each([
    ['killed runner', { kind: 'runner-killed', afterTokens: 3 } as const],
    ['broken connection', { kind: 'hang-up', afterTokens: 3 } as const],
    ['end without done', { kind: 'cut', afterTokens: 3 } as const],
  ])('gone in mid-answer (%s): an error event with a sentence, no [DONE], nothing billed', async (_name, fault) => {
    Object.assign(ollama.script, { fault, tokenDelayMs: 10 });
    const answer = await chat(api, question);
    expect(answer).toMatchObject({ status: 200, done: false, error: { code: 'peer_lost' } });
    expect(answer.content).not.toBe('');
    expect(answer.error?.message).toContain('incomplete');
  });

  it('gone before the answer: a status with a sentence that says what to do', async () => {
    ollama.script.fault = { kind: 'status', status: 500, error: 'llama runner process has terminated' };
    const answer = await chat(api, question);
    expect(answer).toMatchObject({ status: 502, error: { code: 'all_peers_failed' } });
    expect(answer.error?.message).toContain('llama runner process has terminated');
  });

  it('Ctrl-C of a command that streams stops the engine', async () => {
    Object.assign(ollama.script, { tokens: 2_000, tokenDelayMs: 10 });
    const before = ollama.aborted;
    const controller = new AbortController();
    const response = await fetch(`${api}/chat/completions`, {
      method: 'POST',
      signal: controller.signal,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...question, stream: true, messages: [{ role: 'user', content: 'x' }] }),
    });
    await response.body?.getReader().read();
    controller.abort();
    const leftAtMs = performance.now();
    await until(() => ollama.aborted > before, 'Ollama saw its client leave');
    console.log(`hang-up reached Ollama after ${Math.round((ollama.abortedAtMs ?? 0) - leftAtMs)} ms`);
  });

  it('SIGTERM lets a running answer end, and refuses new ones', async () => {
    Object.assign(ollama.script, { tokens: 40, tokenDelayMs: 25 });
    const home = createHome();
    const other = await startLobstah(['up'], { home, env: { OLLAMA_HOST: ollama.url, LOBSTAH_ENGINE: 'ollama' } });
    const running = chat(`${other.routerUrl}/v1`, question);
    await until(() => ollama.running === 1, 'the answer runs');
    const stopped = other.stop();
    const answer = await running;
    expect(answer).toMatchObject({ status: 200, done: true });
    expect(await stopped).toBe(0);
    await expect(fetch(other.routerUrl)).rejects.toThrow();
    const { stdout } = await runLobstah(['receipts', '--json'], { home });
    expect((JSON.parse(stdout) as { entries: unknown[] }).entries).toHaveLength(1);
  });
});
