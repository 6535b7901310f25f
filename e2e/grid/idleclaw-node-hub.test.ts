import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { textOf } from '../../app/protocol/chat.ts';
import { startHub, type RunningHub } from '../../app/runtime/start-hub.ts';
import { findHome } from '../../app/runtime/home.ts';
import { openclawBody } from '../bodies/openclaw-body.ts';
import { createHome, runLobstah } from './lobstah-process.ts';
import { chat, startTestGrid, until, type TestGrid } from './test-grid.ts';

const KEY = 'a-key-for-agents-0123456789';

async function hub(port = 0): Promise<RunningHub> {
  const folder = createHome();
  const v1KeyFile = join(folder, 'v1-keys');
  writeFileSync(v1KeyFile, `${KEY}\n`);
  return startHub({ home: findHome({ LOBSTAH_HOME: folder }), env: {}, port, v1KeyFile, probes: false });
}

function node(hubs: readonly RunningHub[], tokens: readonly string[] = ['Hel', 'lo']): Promise<TestGrid> {
  return startTestGrid({
    roles: 'worker',
    sharing: 'switch',
    script: { models: [{ name: 'far:1b', capabilities: ['tools'] }], tokens },
    settings: {
      sharing: { on: true },
      worker: { concurrency: 4 },
      idleclaw: { contribute: true, servers: hubs.map(({ url }) => url) },
    },
  });
}

const nodesOf = async ({ url }: RunningHub): Promise<number> => {
  const response = await fetch(`${url}/health`);
  return ((await response.json()) as { node_count: number }).node_count;
};
const contributing = (grid: TestGrid) =>
  until(
    () => grid.grid.snapshot().idleclaw.servers.every(({ state }) => state === 'contributing'),
    'it is registered everywhere',
  );

describe('our node and our hub', () => {
  it('answer the command line, the router and an OpenAI client', async () => {
    const server = await hub();
    try {
      await using far = await node([server]);
      await contributing(far);
      const home = createHome();
      const status = await runLobstah(['status', '--server', server.url, '--json'], { home });
      expect(JSON.parse(status.stdout)).toMatchObject({
        healthy: true,
        nodes: 1,
        models: [{ name: 'far:1b', thinking: false, tools: true }],
      });
      const consumed = await runLobstah(['consume', '--server', server.url, '--model', 'far:1b', '--prompt', 'hello'], {
        home,
      });
      expect(consumed).toMatchObject({ code: 0, stdout: 'Hello\n', stderr: '' });
      const nobody = await runLobstah(['consume', '--server', server.url, '--model', 'none', '--prompt', 'hello'], {
        home,
      });
      expect(nobody).toMatchObject({ code: 1, stdout: '' });

      await using router = await startTestGrid({
        roles: 'router',
        settings: { idleclaw: { consume: true, servers: [server.url] } },
      });
      expect(await chat(router.api, { model: 'far:1b' })).toMatchObject({ status: 200, content: 'Hello', done: true });

      const openai = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: KEY });
      const answer = await openai.chat.completions.create({
        model: 'far:1b',
        messages: [{ role: 'user', content: 'hello' }],
      });
      expect(answer.choices[0]?.message.content).toBe('Hello');
      expect(far.grid.snapshot().idleclaw.givenToday.requests).toBe(3);
    } finally {
      await server.stop(0);
    }
  });

  it('carry an agent: what openclaw sends is far over what an existing node takes', async () => {
    const server = await hub();
    try {
      await using far = await node([server]);
      await contributing(far);
      const response = await fetch(`${server.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${KEY}` },
        body: JSON.stringify(openclawBody('far:1b')),
      });
      const text = await response.text();
      expect(response.status).toBe(200);
      expect(text).toContain('Hel');
      const asked = far.engine.asked.at(-1)?.request;
      expect(asked?.tools?.length).toBeGreaterThan(5);
      expect(Math.max(...(asked?.messages ?? []).map(({ content }) => textOf(content).length))).toBeGreaterThan(10_000);
    } finally {
      await server.stop(0);
    }
  });

  it('a node of two hubs leaves both when sharing is switched off', async () => {
    const [one, other] = [await hub(), await hub()];
    try {
      await using far = await node([one, other]);
      await contributing(far);
      expect([await nodesOf(one), await nodesOf(other)]).toEqual([1, 1]);
      await far.grid.command('setSharing', { on: false });
      for (const server of [one, other]) await until(async () => (await nodesOf(server)) === 0, 'it is gone');
      await far.grid.command('setSharing', { on: true });
      for (const server of [one, other]) await until(async () => (await nodesOf(server)) === 1, 'it is back');
    } finally {
      await Promise.all([one.stop(0), other.stop(0)]);
    }
  });

  it('a hub that restarts has its node back within 15 s', async () => {
    const server = await hub();
    const port = Number(new URL(server.url).port);
    await using far = await node([server]);
    await contributing(far);
    await server.stop(0);
    const again = await hub(port);
    try {
      const backMs = performance.now();
      while ((await nodesOf(again)) === 0 && performance.now() - backMs < 15_000)
        await new Promise((resolve) => setTimeout(resolve, 50));
      expect(await nodesOf(again)).toBe(1);
    } finally {
      await again.stop(0);
    }
  });
});
