import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startFakeOllama, type FakeOllama } from '../../app/engine/testing/fake-ollama.ts';
import { createHome, runLobstah, startLobstah, type LobstahProcess } from '../grid/lobstah-process.ts';
import { createBench } from './openclaw-bench.ts';

/** Run by openclaw.test.ts: peers that die or have nothing left to give, as openclaw sees them. */
const [bin = '', pluginFolder = ''] = process.argv.slice(2);
const { agent, lobstahHome, openclaw, tell } = createBench(bin);
const running: (() => Promise<unknown>)[] = [];

async function start(model: string, tokens: readonly string[]): Promise<FakeOllama> {
  const ollama = await startFakeOllama({
    models: [{ name: model, capabilities: ['completion', 'tools'], contextLength: 40_960 }],
    tokens,
  });
  running.push(() => ollama.close());
  return ollama;
}

/** A worker of somebody else, known to this Lobstah. */
async function neighbour(ollama: FakeOllama, giftTokensPerDay: number): Promise<LobstahProcess> {
  const home = createHome();
  writeFileSync(join(home, 'settings.json'), JSON.stringify({ worker: { giftTokensPerDay } }));
  const worker = await startLobstah(['worker', 'start'], {
    home,
    env: { OLLAMA_HOST: ollama.url, LOBSTAH_ENGINE: 'ollama' },
  });
  running.push(() => worker.stop());
  await runLobstah(['peers', 'add', worker.pubkey, worker.workerUrl], { home: lobstahHome });
  return worker;
}

try {
  const own = await start('here:1b', ['Hello', ' from', ' here', '.']);
  const dying = await start('there:1b', ['never', ' said']);
  dying.script.fault = { kind: 'hang-up', afterTokens: 0 };
  await neighbour(dying, 1_000_000);
  await neighbour(await start('there:1b', ['Hello', ' from', ' there', '.']), 1_000_000);
  await neighbour(await start('costly:1b', ['not', ' for', ' nothing']), 0);
  const lobstah = await startLobstah(['up'], {
    home: lobstahHome,
    env: { OLLAMA_HOST: own.url, LOBSTAH_ENGINE: 'ollama' },
  });
  running.push(() => lobstah.stop());

  await openclaw('plugins', 'install', pluginFolder, '--force', '--accept-capabilities');
  const provider = { baseUrl: `${lobstah.routerUrl}/v1`, api: 'openai-completions', apiKey: 'any', models: [] };
  await openclaw('config', 'set', 'models.providers.lobstah', JSON.stringify(provider), '--strict-json');

  // Which of both is asked first is the router's business: until the dying one was.
  const answers = [];
  do answers.push(await agent('--model', 'lobstah/there:1b'));
  while (dying.chats.length === 0 && answers.length < 4);
  tell('failover', { answers, dyingWasAsked: dying.chats.length > 0 });

  const startedMs = Date.now();
  const spent = await agent('--model', 'lobstah/costly:1b');
  tell('spent', { spent, seconds: (Date.now() - startedMs) / 1000, after: await agent('--model', 'lobstah/here:1b') });
} finally {
  for (const stop of running.reverse()) await stop();
}
