import { linkSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createHome, startLobstah } from '../grid/lobstah-process.ts';
import { until } from '../grid/test-grid.ts';
import { gemmaForTests } from './gemma-for-tests.ts';

const gemma = await gemmaForTests();
if ('missing' in gemma) console.log(`owner first is skipped: ${gemma.missing}`);
const modelPath = 'path' in gemma ? gemma.path : '';

const ROUNDS = 7;
/** What the machine's own noise may add: others share its processor. */
const NOISE_MS = 150;

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** A different text each time, or the engine would have it read already. */
const prompt = (round: number) =>
  `Round ${round}. ${'The river runs down to the sea, and the sea is wide. '.repeat(8)}`;

it.runIf(modelPath !== '')(
  "the owner's prompt has the engine to itself, although it answered somebody else when it came",
  async () => {
    const home = createHome();
    mkdirSync(join(home, 'models'), { recursive: true });
    try {
      linkSync(modelPath, join(home, 'models', 'gemma.gguf'));
    } catch {
      copyFileSync(modelPath, join(home, 'models', 'gemma.gguf'));
    }
    writeFileSync(
      join(home, 'settings.json'),
      JSON.stringify({ sharing: { on: true, rules: { ownerQuietSeconds: 0 } }, worker: { giftTokensPerDay: 1e9 } }),
    );
    const signals = join(home, 'signals.json');
    writeFileSync(signals, JSON.stringify({ idleSeconds: 3_600, memoryPressure: 'normal' }));
    const env = { LOBSTAH_ENGINE: 'builtin', LOBSTAH_TEST_SIGNALS: signals };
    const up = await startLobstah(['up'], { home, env });
    const askerHome = createHome();
    writeFileSync(join(askerHome, 'peers.json'), JSON.stringify([{ pubkey: up.pubkey, url: up.workerUrl }]));
    const asker = await startLobstah(['router', 'start'], { home: askerHome, env: { LOBSTAH_ENGINE: 'sample' } });

    /** Streams, and hands over at the first content; `rest` reads to the end. */
    async function ask(api: string, content: string, maxTokens: number) {
      const startedMs = performance.now();
      const response = await fetch(`${api}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          model: 'gemma',
          stream: true,
          temperature: 0,
          max_tokens: maxTokens,
          messages: [{ role: 'user', content }],
        }),
      });
      const reader = response.body!.getReader();
      let text = '';
      const read = async (enough: () => boolean) => {
        for (let part = await reader.read(); !part.done; part = await reader.read()) {
          text += Buffer.from(part.value).toString();
          if (enough()) return;
        }
      };
      await read(() => /"content":"[^"]/.test(text));
      const firstMs = performance.now() - startedMs;
      const rest = async () => {
        await read(() => false);
        return text;
      };
      return { firstMs, rest };
    }

    const own = async (round: number) => {
      const { firstMs, rest } = await ask(up.routerUrl, prompt(round), 4);
      await rest();
      return firstMs;
    };
    await own(0); // loads the model
    const alone: number[] = [];
    const beside: number[] = [];
    let ended = 0;
    for (let round = 1; round <= ROUNDS; round += 1) {
      alone.push(await own(round * 2));
      let remote: Awaited<ReturnType<typeof ask>> | undefined;
      await until(async () => {
        remote = await ask(asker.routerUrl, 'Tell me everything about the sea.', 2_000);
        return remote.firstMs > 0;
      }, 'somebody else is answered');
      beside.push(await own(round * 2 + 1));
      if ((await remote!.rest()).includes('owner_back')) ended += 1;
    }
    const [idleMs, busyMs] = [median(alone), median(beside)];
    console.log(
      `first token of the owner: ${idleMs.toFixed(0)} ms alone, ${busyMs.toFixed(0)} ms beside somebody else ` +
        `(${((busyMs / idleMs - 1) * 100).toFixed(0)} %); ${ended} of ${ROUNDS} remote answers ended for it`,
    );
    expect(ended).toBe(ROUNDS);
    expect(busyMs).toBeLessThanOrEqual(idleMs * 1.2 + NOISE_MS);
    await Promise.all([up.stop(), asker.stop()]);
  },
);
