import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { openclawBody } from '../bodies/openclaw-body.ts';
import { createHome, runLobstah, startLobstah } from './lobstah-process.ts';

const sample = { LOBSTAH_ENGINE: 'sample' };

async function curl(url: string, body?: object): Promise<{ status: number; text: string }> {
  const response = await fetch(
    url,
    body ? { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {},
  );
  return { status: response.status, text: await response.text() };
}

const hello = { model: 'lobstah/auto', temperature: 0, messages: [{ role: 'user', content: 'hello' }] };

describe('a new user on a machine that has nothing', () => {
  it('starts it, asks with and without stream, looks around, stops it: nothing is left', async () => {
    const lobstah = await startLobstah(['up'], { home: createHome(), env: sample });
    const whole = await curl(`${lobstah.routerUrl}/v1/chat/completions`, hello);
    expect(whole.status).toBe(200);
    const answer = JSON.parse(whole.text) as { model: string; choices: [{ message: { content: string } }] };
    expect(answer.model).toBe('lobstah-sample');
    expect(answer.choices[0].message.content).toMatch(/sample model/);
    const streamed = await curl(`${lobstah.routerUrl}/v1/chat/completions`, { ...hello, stream: true });
    expect(streamed.text.endsWith('data: [DONE]\n\n')).toBe(true);

    expect((await curl(`${lobstah.routerUrl}/v1/models`)).text).toContain('lobstah-sample');
    expect(JSON.parse((await curl(`${lobstah.routerUrl}/peers`)).text)).toMatchObject({
      count: 1,
      peers: [{ pubkey: lobstah.pubkey, own: true, state: 'reachable', models: ['lobstah-sample'] }],
    });
    expect(JSON.parse((await curl(`${lobstah.routerUrl}/balance`)).text)).toMatchObject({
      pubkey: lobstah.pubkey,
      self: { earned: 0, spent: 0, net: 0, available: 0 },
      perPeer: [],
    });
    expect(JSON.parse((await curl(`${lobstah.workerUrl}/capacity`)).text)).toMatchObject({
      models: [],
      sharing: 'paused',
    });

    const { workerUrl, routerUrl, home } = lobstah;
    expect(await lobstah.stop()).toBe(0);
    await expect(fetch(workerUrl)).rejects.toThrow();
    await expect(fetch(routerUrl)).rejects.toThrow();
    expect(existsSync(join(home, 'control.sock'))).toBe(false);
  });

  it('Ctrl-C does the same as SIGTERM', async () => {
    const lobstah = await startLobstah(['up'], { home: createHome(), env: sample });
    const gone = new Promise((resolve) => lobstah.child.once('exit', resolve));
    lobstah.child.kill('SIGINT');
    expect(await gone).toBe(0);
  });

  it('the official openai SDK works unchanged', async () => {
    const lobstah = await startLobstah(['up'], { home: createHome(), env: sample });
    const client = new OpenAI({ baseURL: `${lobstah.routerUrl}/v1`, apiKey: 'any' });
    const messages = [{ role: 'user' as const, content: 'What is 2 + 2?' }];
    const whole = await client.chat.completions.create({ model: 'lobstah-sample', messages, temperature: 0 });
    expect(whole.choices[0]?.message.content).toContain('4');
    expect(whole.usage?.completion_tokens).toBeGreaterThan(0);
    const stream = await client.chat.completions.create({
      model: 'lobstah-sample',
      messages,
      temperature: 0,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    let tokens = 0;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      tokens = chunk.usage?.completion_tokens ?? tokens;
    }
    expect(text).toBe(whole.choices[0]?.message.content);
    expect(tokens).toBe(whole.usage?.completion_tokens);
    const names = (await client.models.list()).data.map(({ id }) => id);
    expect(names).toEqual(['lobstah-sample', 'lobstah/auto', 'lobstah/local']);
    await expect(client.chat.completions.create({ model: 'nope', messages }, { maxRetries: 0 })).rejects.toMatchObject({
      status: 503,
      code: 'no_capable_peer',
    });
    await lobstah.stop();
  });

  it('a body like that of openclaw is answered', async () => {
    const lobstah = await startLobstah(['up'], { home: createHome(), env: sample });
    const { status, text } = await curl(`${lobstah.routerUrl}/v1/chat/completions`, openclawBody('lobstah-sample'));
    expect(status).toBe(200);
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    await lobstah.stop();
  });
});

describe('the command line', () => {
  it('keeps one home: a second start says who holds it, other commands work beside it', async () => {
    const home = createHome();
    const lobstah = await startLobstah(['up'], { home, env: sample });
    const second = await runLobstah(['up', '--worker-port', '0', '--router-port', '0'], { home, env: sample });
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/A worker of this home already runs \(process \d+, http:\/\/127\.0\.0\.1:\d+\)/);

    // Loads the model: an answer that is long in coming goes by the name that was asked for.
    expect((await curl(`${lobstah.routerUrl}/v1/chat/completions`, hello)).status).toBe(200);
    const chat = await runLobstah(['chat', '--json', 'hello'], { home });
    expect(chat.code).toBe(0);
    const done = JSON.parse(chat.stdout) as { text: string; jobId: string; ledger: string; outputTokens: number };
    expect(done).toMatchObject({ ledger: 'own', cost: 0, model: 'lobstah-sample' });
    expect(done.outputTokens).toBeGreaterThan(3);

    const shown = await runLobstah(['receipts', 'show', done.jobId.slice(0, 12), '--json'], { home });
    expect(JSON.parse(shown.stdout)).toMatchObject({
      kind: 'own',
      verified: { receipt: true, order: true, bound: true },
    });
    expect((await runLobstah(['receipts'], { home })).stdout).toContain('lobstah-sample');
    expect((await runLobstah(['models'], { home })).stdout).toContain('lobstah-sample');
    expect(JSON.parse((await runLobstah(['balance', '--json'], { home })).stdout)).toMatchObject({ tabs: [] });

    const peer = `lob1${'ab'.repeat(32)}`;
    expect((await runLobstah(['peers', 'add', peer, 'http://127.0.0.1:9', 'mini'], { home })).code).toBe(0);
    expect((await runLobstah(['peers', 'list'], { home })).stdout).toMatch(/mini.*unreachable/);
    expect((await runLobstah(['peers', 'remove', peer], { home })).stdout).toContain('To undo: lobstah peers add');

    expect((await runLobstah(['sharing', 'status'], { home })).stdout).toContain('Off.');
    expect((await runLobstah(['sharing', 'on', '--json'], { home })).stdout).toContain('"on": true');
    expect(JSON.parse(readFileSync(join(home, 'settings.json'), 'utf8'))).toMatchObject({ sharing: { on: true } });

    const doctor = await runLobstah(['doctor', '--json'], { home });
    expect(doctor.code).toBe(0);
    const { checks } = JSON.parse(doctor.stdout) as { checks: { name: string; status: string; message: string }[] };
    expect(checks.find(({ name }) => name === 'Router')?.message).toContain(`answers at ${lobstah.routerUrl}`);
    expect(checks.find(({ name }) => name === 'Engine')).toMatchObject({ status: 'warning' });
    await lobstah.stop();
  });

  it('worker and router run side by side in one home, and find each other', async () => {
    const home = createHome();
    const worker = await startLobstah(['worker', 'start'], { home, env: sample });
    const router = await startLobstah(['router', 'start'], { home, env: sample });
    expect(router.pubkey).toBe(worker.pubkey);
    expect((await curl(`${router.routerUrl}/v1/chat/completions`, hello)).status).toBe(200);
    await Promise.all([worker.stop(), router.stop()]);
    const { stdout } = await runLobstah(['receipts', '--json'], { home });
    expect((JSON.parse(stdout) as { entries: { kind: string }[] }).entries.map(({ kind }) => kind)).toEqual(['own']);
  });

  it.each<[string, string, string, RegExp]>([
    ['identity.json that is no JSON', 'identity.json', '{"version":2', /identity\.json' is not valid JSON/],
    ['identity.json of a newer version', 'identity.json', '{"version":9}', /version 9/],
    ['peers.json that is no list', 'peers.json', '{"a":1}', /peers\.json is not a list/],
    ['peers.json with a bad key', 'peers.json', '[{"pubkey":"lob1x","url":"http://a:1"}]', /key of entry 1/],
    ['settings.json with a wrong type', 'settings.json', '{"worker":{"port":"x"}}', /worker\.port/],
    [
      'a ledger that is no database',
      'ledger.sqlite',
      'not a database, but long enough to look at',
      /ledger cannot be read/,
    ],
  ])('%s: a clear sentence, and the file as it was', async (_name, file, content, message) => {
    const home = createHome();
    writeFileSync(join(home, file), content);
    const { code, stderr } = await runLobstah(['up', '--worker-port', '0', '--router-port', '0'], {
      home,
      env: sample,
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    expect(readFileSync(join(home, file), 'utf8')).toBe(content);
  });

  it('a port in use is named, with what to do', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    const { code, stderr } = await runLobstah(['router', 'start', '--port', String(port)], { home: createHome() });
    other.close();
    expect(code).toBe(1);
    expect(stderr).toContain(`Port ${port} on 127.0.0.1 is in use`);
    expect(stderr).toContain('--port');
  });

  it('a home that cannot be written is named', async () => {
    const home = createHome();
    const file = join(home, 'file');
    writeFileSync(file, '');
    const { code, stderr } = await runLobstah(['keygen'], { home: join(file, 'below') });
    expect(code).toBe(1);
    expect(stderr).toContain('cannot be written');
  });

  it('a v1 identity is understood and keeps its key; a new one is private', async () => {
    const home = createHome();
    expect((await runLobstah(['keygen'], { home })).stdout).toContain('New key');
    const file = join(home, 'identity.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const { publicKey, secretKey } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
    const v1Home = createHome();
    writeFileSync(join(v1Home, 'identity.json'), JSON.stringify({ version: 1, publicKey, secretKey }));
    const { stdout } = await runLobstah(['keygen', '--json'], { home: v1Home });
    expect(JSON.parse(stdout)).toMatchObject({ pubkey: publicKey, created: false });
    expect(JSON.parse(readFileSync(join(v1Home, 'identity.json'), 'utf8'))).toMatchObject({
      version: 2,
      publicKey,
      secretKey,
    });
  });

  it.each([
    [['nonsense'], 2, /unknown command/],
    [['peers', 'add', 'lob1x', 'http://a:1'], 2, /lob1/],
    [['peers', 'add', `lob1${'a'.repeat(64)}`, 'ftp://a'], 2, /cannot be dialled/],
    [['router', 'start', '--port', 'x'], 2, /port is a number/],
    [['worker', 'start', '--host', '0.0.0.0', '--port', '0'], 2, /--allow-host/],
    [['chat', 'hello', '--router', 'http://127.0.0.1:9'], 3, /No router listens/],
    [['sharing', 'on'], 3, /No Lobstah runs/],
  ])('%j ends with %i and says why', async (args, code, message) => {
    const result = await runLobstah(args, { home: createHome(), env: sample });
    expect([result.code, result.stderr]).toEqual([code, expect.stringMatching(message)]);
  });

  it('explains itself', async () => {
    const { code, stdout } = await runLobstah(['--help'], { home: createHome() });
    expect(code).toBe(0);
    for (const word of [
      'up',
      'worker',
      'router',
      'tracker',
      'chat',
      'peers',
      'balance',
      'receipts',
      'doctor',
      'Exit codes',
    ])
      expect(stdout).toContain(word);
  });
});
