import { spawn, type ChildProcess } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, styleText } from 'node:util';

/**
 * npm run demo: the whole thing on one machine. Two workers and a router, each a process with a home and a key of its own, on
 * free ports; three prompts; then the receipts and both sides' books. Ends by itself and leaves nothing; --stay keeps it up.
 */
const { values: options } = parseArgs({
  options: { stay: { type: 'boolean', default: false }, help: { type: 'boolean' } },
});
if (options.help) {
  console.log(
    "npm run demo [-- --stay]   two workers, a router, three prompts, both sides' books; --stay keeps it running",
  );
  process.exit(0);
}

const MAIN = join(import.meta.dirname, '../app/cli/main.ts');
const START_LIMIT_MS = 60_000;
const homes = mkdtempSync(join(tmpdir(), 'lobstah-demo-'));
const children: ChildProcess[] = [];
const workers: Running[] = [];
const MODEL = 'demo';

interface Running {
  readonly name: string;
  readonly home: string;
  readonly pubkey: string;
  readonly url: string;
  readonly child: ChildProcess;
}

const bold = (text: string) => styleText('bold', text);
const dim = (text: string) => styleText('dim', text);
const title = (text: string) => console.log(`\n${bold(text)}`);

/**
 * The sample model is never offered to others; here the others are this machine too, so the workers get it as an ordinary
 * model of the built-in engine.
 */
function environment(home: string): NodeJS.ProcessEnv {
  return { ...process.env, LOBSTAH_HOME: home, LOBSTAH_ENGINE: 'builtin' };
}

function giveModel(home: string): void {
  mkdirSync(join(home, 'models'), { recursive: true });
  copyFileSync(
    join(import.meta.dirname, '../resources/models/lobstah-sample.gguf'),
    join(home, 'models', `${MODEL}.gguf`),
  );
}

async function start(name: string, args: readonly string[]): Promise<Running> {
  const home = join(homes, name);
  if (args[0] === 'worker') giveModel(home);
  const child = spawn(process.execPath, [MAIN, ...args, '--port', '0'], {
    env: environment(home),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let text = '';
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${name} did not start:\n${text}`)), START_LIMIT_MS);
    const read = (part: string) => {
      text += part;
      if (!text.includes('Ctrl-C stops')) return;
      clearTimeout(timer);
      resolve();
    };
    child.stdout.setEncoding('utf8').on('data', read);
    child.stderr.setEncoding('utf8').on('data', read);
    child.once('exit', (code) => reject(new Error(`${name} ended with ${String(code)}:\n${text}`)));
  });
  const pubkey = /key +(lob1[0-9a-f]{64})/.exec(text)?.[1] ?? '';
  const url = /(?:worker|router) +(http:\/\/[^\s/]+)/.exec(text)?.[1] ?? '';
  console.log(`  ${name.padEnd(9)} ${url.padEnd(24)} ${pubkey.slice(0, 12)}…`);
  return { name, home, pubkey, url, child };
}

async function command(home: string, args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [MAIN, ...args], { env: environment(home), stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
  child.stderr.setEncoding('utf8').on('data', (part: string) => (text += part));
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`lobstah ${args.join(' ')}: ${text}`);
  return text;
}

async function ask(
  router: Running,
  prompt: string,
  stream: boolean,
  beforeAnswer?: () => void,
): Promise<string | null> {
  console.log(`  ${dim('you:')}    ${prompt}`);
  const pending = fetch(`${router.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: MODEL, stream, temperature: 0, messages: [{ role: 'user', content: prompt }] }),
  });
  beforeAnswer?.();
  const response = await pending;
  process.stdout.write(`  ${dim('answer:')} `);
  if (!response.ok || !response.body) throw new Error(await response.text());
  if (stream) for await (const text of deltas(response.body)) process.stdout.write(text);
  else
    process.stdout.write(
      ((await response.json()) as { choices: [{ message: { content: string } }] }).choices[0].message.content,
    );
  const worker = response.headers.get('x-lobstah-worker');
  console.log(`\n  ${dim(`from ${workers.find(({ pubkey }) => pubkey === worker)?.name ?? worker ?? 'nobody'}`)}\n`);
  return response.headers.get('x-lobstah-job');
}

async function* deltas(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = '';
  for await (const part of body.pipeThrough(new TextDecoderStream())) {
    const events = (rest + part).split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events) {
      if (!event.startsWith('data: {')) continue;
      const chunk = JSON.parse(event.slice(6)) as {
        choices: { delta: { content?: string } }[];
        error?: { message: string };
      };
      if (chunk.error) throw new Error(chunk.error.message);
      yield chunk.choices[0]?.delta.content ?? '';
    }
  }
}

async function booksOf({ name, home }: Running): Promise<void> {
  console.log(`\n  ${bold(name)}`);
  for (const line of (await command(home, ['receipts'])).trimEnd().split('\n')) console.log(`  ${line}`);
  for (const line of (await command(home, ['balance'])).trimEnd().split('\n')) if (line) console.log(`  ${dim(line)}`);
}

async function main(): Promise<void> {
  title('Two workers and a router, each with a key and a home of its own');
  workers.push(await start('worker-a', ['worker', 'start']), await start('worker-b', ['worker', 'start']));
  const routerHome = join(homes, 'router');
  for (const { name, pubkey, url } of workers) await command(routerHome, ['peers', 'add', pubkey, url, name]);
  const router = await start('router', ['router', 'start']);

  title('1. A streamed prompt');
  await ask(router, 'hello, who are you?', true);

  title('2. A prompt whose first worker is killed before its first byte');
  const job = await askWithKill(router);

  title('3. A prompt that is not streamed');
  await ask(router, 'What is 2 + 3?', false);

  title("The receipt of the second, verified from the asker's own ledger");
  if (job) console.log((await command(router.home, ['receipts', 'show', job])).replace(/^/gm, '  '));

  title("Both sides' books");
  for (const side of [router, ...workers]) await booksOf(side);

  if (!options.stay) return;
  title('Up until Ctrl-C');
  console.log(`  ${router.url}/v1   e.g.  npx lobstah chat --router ${router.url} "hello"`);
  await new Promise<void>((resolve) => process.once('SIGINT', resolve));
}

/** Stops the worker that is asked first while it still has nothing to say, so that the router has to go on to the other. */
async function askWithKill(router: Running): Promise<string | null> {
  const [first] = workers;
  if (!first) throw new Error('no worker');
  // A stopped process takes the connection and says nothing: the request is on its way when the kill comes.
  first.child.kill('SIGSTOP');
  const job = await ask(router, 'tell me a story', true, () => setTimeout(() => first.child.kill('SIGKILL'), 300));
  console.log(`  ${dim(`${first.name} was killed while it had the request; nothing was billed for it.`)}`);
  return job;
}

async function stopAll(): Promise<void> {
  const running = children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
  const gone = running.map((child) => new Promise((resolve) => child.once('exit', resolve)));
  for (const child of running) child.kill('SIGTERM');
  await Promise.all(gone);
  rmSync(homes, { recursive: true, force: true });
}

process.once('SIGTERM', () => void stopAll().then(() => process.exit(143)));
try {
  await main();
} catch (error) {
  console.error(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await stopAll();
}
