import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startFakeOpenAi } from '../../app/engine/testing/fake-openai.ts';
import { createHome, runLobstah, startLobstah } from './lobstah-process.ts';
import { chat } from './test-grid.ts';

const OLLAMA_HOST = 'http://127.0.0.1:1';
const env = { OLLAMA_HOST };
const json = ({ stdout }: { stdout: string }) => JSON.parse(stdout) as { choice: object; found: object };

it('a running Lobstah takes another engine at once; its key is nowhere to be seen', { timeout: 120_000 }, async () => {
  await using fake = await startFakeOpenAi({
    key: 'sk-secret-1',
    models: [{ id: 'qwen3-8b', max_model_len: 8192 }],
    toolCallParts: [
      { index: 0, id: 'a', type: 'function', function: { name: 'weather', arguments: '{"city":' } },
      { index: 0, function: { arguments: '"Oslo"}' } },
    ],
  });
  const home = createHome();
  const lobstah = await startLobstah(['up'], { home, env });
  try {
    expect(json(await runLobstah(['engine', '--json'], { home, env }))).toMatchObject({
      choice: { kind: 'auto', url: null },
      found: { name: 'sample', reachable: true },
    });

    const without = await runLobstah(['engine', 'use', 'openai', '--url', fake.url], { home, env });
    expect(without).toMatchObject({ code: 0, stdout: expect.stringContaining('refuses the key') as string });

    const use = ['engine', 'use', 'openai', '--key-file', '-', '--json'];
    const withKey = await runLobstah(use, { home, env, input: 'sk-secret-1\n' });
    expect(json(withKey)).toEqual({
      choice: { kind: 'openai', url: `${fake.url}/v1`, hasKey: true, keyProblem: null, fixedBy: null },
      found: {
        name: 'openai-compatible',
        where: `${fake.url}/v1`,
        reachable: true,
        problem: null,
        models: ['qwen3-8b'],
      },
    });
    expect(statSync(join(home, 'engine-key.json')).mode & 0o777).toBe(0o600);

    const streamed = await chat(`${lobstah.routerUrl}/v1`, { model: 'qwen3-8b' });
    expect(streamed).toMatchObject({ status: 200, content: ' kind get rain get', done: true });
    const tools = [{ type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }];
    const question = { model: 'qwen3-8b', stream: false, tools, logprobs: true };
    const whole = JSON.parse((await chat(`${lobstah.routerUrl}/v1`, question)).text) as { choices: object[] };
    expect(whole.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: {
        tool_calls: [{ id: 'a', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } }],
      },
      logprobs: { content: [{ token: ' kind' }, { token: ' get' }, { token: ' rain' }, { token: ' get' }] },
    });

    fake.script.fault = { kind: 'status', status: 401, body: { error: { message: 'Incorrect key sk-secret-1' } } };
    const refused = await chat(`${lobstah.routerUrl}/v1`, { model: 'qwen3-8b' });
    expect(refused.error).toBeDefined();

    const shown = [
      readFileSync(join(home, 'settings.json'), 'utf8'),
      readFileSync(join(home, 'logs/lobstah.log'), 'utf8'),
      lobstah.output(),
      withKey.stdout,
      refused.text,
      (await runLobstah(['engine'], { home, env })).stdout,
      (await runLobstah(['doctor', '--json'], { home, env })).stdout,
    ];
    for (const text of shown) expect(text).not.toContain('sk-secret');

    const back = await runLobstah(['engine', 'use', 'auto', '--forget-key'], { home, env });
    expect(back.stdout).toContain('sample');
    expect(existsSync(join(home, 'engine-key.json'))).toBe(false);
  } finally {
    await lobstah.stop();
  }
});

it(
  'is chosen without a running Lobstah too, and refused where the environment decides',
  { timeout: 120_000 },
  async () => {
    await using fake = await startFakeOpenAi();
    const home = createHome();
    const chosen = await runLobstah(['engine', 'use', 'openai', '--url', `${fake.url}/v1`, '--json'], { home, env });
    expect(json(chosen)).toMatchObject({ found: { name: 'openai-compatible', models: ['tiny'] } });
    expect(
      json(await runLobstah(['engine', '--json'], { home, env: { ...env, LOBSTAH_ENGINE: 'sample' } })),
    ).toMatchObject({
      choice: { kind: 'sample', fixedBy: 'LOBSTAH_ENGINE' },
      found: { name: 'sample' },
    });
    for (const [args, sentence, extra] of [
      [['use', 'auto'], 'LOBSTAH_ENGINE is set', { LOBSTAH_ENGINE: 'sample' }],
      [['use', 'openai', '--url', 'ftp://x'], 'ftp://x', {}],
      [['use', 'openai', '--key-file', '/nowhere/key'], 'cannot be read', {}],
      [['use', 'olama'], 'Allowed choices', {}],
    ] as const) {
      const { code, stderr } = await runLobstah(['engine', ...args], { home, env: { ...env, ...extra } });
      expect(code).toBe(2);
      expect(stderr).toContain(sentence);
    }
  },
);
