import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RawNode } from './idleclaw-raw-node.ts';
import { ask, contentOf, V1_KEY } from './idleclaw-test-hub.ts';
import { createHome, runLobstah, startLobstah } from './lobstah-process.ts';
import { until } from './test-grid.ts';

const urlIn = (output: string) => /hub +(http:\S+)/.exec(output)?.[1] ?? '';

describe('lobstah hub start', () => {
  it('routes, serves /v1 with the key of a file, and ends a running answer before it stops', async () => {
    const home = createHome();
    const keyFile = join(home, 'keys');
    writeFileSync(keyFile, `${V1_KEY}\n`);
    const lobstah = await startLobstah(['hub', 'start', '--no-probes', '--v1-key-file', keyFile], { home });
    const url = urlIn(lobstah.output());
    const node = await RawNode.register(url);
    const models = await ask(`${url}/v1/models`, { headers: { authorization: `Bearer ${V1_KEY}` } }).answer;
    expect(JSON.parse(models.text)).toMatchObject({ data: [{ id: 'm' }] });
    const running = ask(`${url}/api/chat`, { body: { model: 'm', messages: [{ role: 'user', content: 'hello' }] } });
    const { id } = await node.nextRequest();
    node.chunk(id, { content: 'half ' });
    await until(() => running.text().includes('half'), 'the first words');
    const stopped = lobstah.stop();
    await until(() => lobstah.output().includes('Stopping'), 'it heard the signal');
    node.chunk(id, { content: 'whole' });
    node.end(id);
    expect(contentOf((await running.answer).text)).toBe('half whole');
    expect(await node.closed).toEqual({ code: 1001, reason: 'server restarting' });
    expect(await stopped).toBe(0);
  });

  it.each<[string, string[], string]>([
    ['a key file that is not there', ['--v1-key-file', '/nowhere/keys'], 'cannot be read'],
    ['a proxy that is no address', ['--behind-proxy', 'caddy'], 'neither an address nor a range'],
    ['a SearXNG that is no address', ['--searxng', 'searx'], 'no http or https address'],
  ])('refuses %s and says why', async (_what, args, why) => {
    const { code, stderr } = await runLobstah(['hub', 'start', '--port', '0', ...args], { home: createHome() });
    expect([code, stderr]).toEqual([2, expect.stringContaining(why) as string]);
  });

  it('keeps no prompt and no answer on disk or in its log', async () => {
    const home = createHome();
    const lobstah = await startLobstah(['hub', 'start', '--no-probes'], { home });
    const url = urlIn(lobstah.output());
    const node = await RawNode.register(url);
    const running = ask(`${url}/api/chat`, {
      body: { model: 'm', messages: [{ role: 'user', content: 'my prompt' }] },
    });
    const { id } = await node.nextRequest();
    node.chunk(id, { content: 'my answer' });
    node.kill();
    await running.answer;
    await lobstah.stop();
    const files = readdirSync(home, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
    const texts = files.map((file) => readFileSync(join(file.parentPath, file.name), 'utf8'));
    expect(texts.join('')).toContain('a node failed');
    expect(texts.join('')).not.toMatch(/my prompt|my answer/);
  });
});
