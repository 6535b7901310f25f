import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { startFakeOllama } from '../../app/engine/testing/fake-ollama.ts';
import { createHome, startLobstah } from '../grid/lobstah-process.ts';
import { pythonForTests } from './python-for-tests.ts';

const found = await pythonForTests();
if ('missing' in found) console.log(`the Python SDK is skipped: ${found.missing}`);
const python = 'python' in found ? found.python : '';

it.runIf(python !== '')('the official Python SDK works unchanged', async () => {
  await using ollama = await startFakeOllama({
    models: [{ name: 'm' }, { name: 'e', capabilities: ['embedding'] }],
    tokens: ['{"city":', '"Oslo",', '"inhabitants":', '700000}'],
    toolCalls: [{ name: 'weather', arguments: { city: 'Oslo' } }],
  });
  const env = { OLLAMA_HOST: ollama.url, LOBSTAH_ENGINE: 'ollama' };
  const lobstah = await startLobstah(['up'], { home: createHome(), env });
  const script = join(import.meta.dirname, 'python-sdk.py');
  const { stdout } = await promisify(execFile)(python, [script, `${lobstah.routerUrl}/v1`], { timeout: 120_000 });
  console.log(stdout);
  expect(stdout.match(/^held: /gm)).toHaveLength(9);
  await lobstah.stop();
});
