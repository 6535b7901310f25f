import { describe, expect, it } from 'vitest';
import { createOllama } from '../../app/engine/ollama.ts';
import { parseOllamaHost } from '../../app/engine/ollama-host.ts';
import { createHome, startLobstah } from '../grid/lobstah-process.ts';
import { chat } from '../grid/test-grid.ts';

const baseUrl = parseOllamaHost(process.env['OLLAMA_HOST']);
const ollama = createOllama({ baseUrl });
const { reachable } = await ollama.status(AbortSignal.timeout(3_000));
const models = reachable ? await ollama.models(AbortSignal.timeout(5_000)) : [];
const smallest = models.toSorted((a, b) => (a.sizeBytes ?? Infinity) - (b.sizeBytes ?? Infinity))[0];

describe('a real Ollama', () => {
  it.runIf(smallest)('answers through router and worker, streamed and not', async () => {
    const lobstah = await startLobstah(['up'], {
      home: createHome(),
      env: { OLLAMA_HOST: baseUrl, LOBSTAH_ENGINE: 'ollama' },
    });
    const question = { model: smallest?.name, max_tokens: 20 };
    const streamed = await chat(`${lobstah.routerUrl}/v1`, question);
    expect(streamed).toMatchObject({ status: 200, done: true });
    const whole = await chat(`${lobstah.routerUrl}/v1`, { ...question, stream: false });
    expect(JSON.parse(whole.text)).toMatchObject({ choices: [{ finish_reason: expect.any(String) as string }] });
    await lobstah.stop();
  });
});
