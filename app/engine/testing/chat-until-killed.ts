import { forkLlamaHost } from '../builtin/llama-process.ts';
import { createSampleEngine } from '../sample.ts';
import { longAnswer } from './long-answer.ts';

/** For a test: starts an answer that would take long, prints the number of the process with llama.cpp, and waits to be killed. */
const engine = createSampleEngine({
  spawnHost: (config) => {
    const host = forkLlamaHost(config);
    process.stdout.write(`${host.pid}\n`);
    return host;
  },
});
for (;;)
  for await (const event of engine.chat(longAnswer(), new AbortController().signal))
    if (event.type === 'delta') process.stdout.write('.');
