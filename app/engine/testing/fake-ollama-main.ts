import { parseArgs } from 'node:util';
import { startFakeOllama } from './fake-ollama.ts';

/**
 * `node app/engine/testing/fake-ollama-main.ts --port 0 --tokens 20 --delay-ms 10 --model NAME`: the fake Ollama as a process of
 * its own. Prints its address as one line, ends with its parent's pipe or a signal.
 */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    tokens: { type: 'string', default: '20' },
    'delay-ms': { type: 'string', default: '0' },
    'first-token-delay-ms': { type: 'string', default: '0' },
    model: { type: 'string', multiple: true, default: ['tiny:latest'] },
  },
});
const fake = await startFakeOllama(
  {
    models: values.model.map((name) => ({ name })),
    tokens: Number(values.tokens),
    tokenDelayMs: Number(values['delay-ms']),
    firstTokenDelayMs: Number(values['first-token-delay-ms']),
  },
  Number(values.port),
);
process.stdout.write(`${fake.url}\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void fake.close());
