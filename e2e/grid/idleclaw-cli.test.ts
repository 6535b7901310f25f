import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startFakeOllama } from '../../app/engine/testing/fake-ollama.ts';
import { startFakeIdleClaw } from '../../app/idleclaw/testing/fake-idleclaw.ts';
import { createHome, runLobstah, startLobstah } from './lobstah-process.ts';
import { until } from './test-grid.ts';

const SKILL = join(import.meta.dirname, '../../resources/skills/idleclaw');
const MAIN = join(import.meta.dirname, '../../app/cli/main.ts');

describe('lobstah contribute, consume and status', () => {
  it('work together against a server, with Ollama as the engine', async () => {
    await using hub = await startFakeIdleClaw();
    await using ollama = await startFakeOllama({ models: [{ name: 'tiny:latest' }], tokens: ['Hel', 'lo'] });
    const home = createHome();
    const env = { IDLECLAW_SERVER: hub.url, OLLAMA_HOST: ollama.url, LOBSTAH_ENGINE: 'ollama' };
    const child = spawn(process.execPath, [MAIN, 'contribute', '--json'], {
      env: { PATH: process.env['PATH'], LOBSTAH_HOME: home, ...env },
    });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => (said += part));
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    try {
      await until(() => hub.listed.length === 1, 'the node is listed');
      expect(hub.listed[0]).toMatchObject({ models: [{ name: 'tiny:latest' }], version: '0.17.4' });
      await until(() => said.includes('"state":"contributing"'), 'it says so');

      const other = { home: createHome(), env };
      const status = await runLobstah(['status', '--server', hub.url, '--json'], other);
      expect(JSON.parse(status.stdout)).toMatchObject({
        server: hub.url,
        healthy: true,
        nodes: 1,
        models: [{ name: 'tiny:latest', thinking: false, tools: true }],
      });
      const plain = await runLobstah(['idleclaw', 'status'], other);
      expect(plain.stdout).toMatch(/healthy, up .+, one node\n.*MODEL.*\n {2}tiny:latest +tools/);

      const model = ['--model', 'tiny:latest'];
      const answer = await runLobstah(['consume', ...model, '--prompt', 'hello'], other);
      expect(answer).toMatchObject({ code: 0, stdout: 'Hello\n', stderr: '' });
      const piped = await runLobstah(['consume', ...model, '--system', 'Be short.', '--json'], {
        ...other,
        input: 'from a pipe',
      });
      expect(JSON.parse(piped.stdout)).toMatchObject({ text: 'Hello', model: 'tiny:latest', server: hub.url });
      expect(ollama.chats.at(-1)?.messages).toEqual([{ role: 'user', content: 'Be short.\n\nfrom a pipe' }]);
      expect(ollama.chats.at(-1)).not.toHaveProperty('keep_alive');

      const nobody = await runLobstah(['consume', '--model', 'other', '--prompt', 'hello', '--json'], other);
      expect(nobody.code).toBe(1);
      expect(nobody.stdout).toBe('');
      expect(JSON.parse(nobody.stderr)).toMatchObject({ error: { type: 'idleclaw_failed' } });

      // What the skill runs is the same.
      const skill = await runSkill('consume.sh', [...model, '--prompt', 'hello'], { ...env, LOBSTAH_HOME: other.home });
      expect(skill).toMatchObject({ code: 0, stdout: 'Hello\n' });
    } finally {
      child.kill('SIGINT');
    }
    expect(await ended).toBe(0);
    expect(hub.nodes.at(-1)?.closed).toMatchObject({ code: 1000 });
    expect(JSON.parse(readFileSync(join(home, 'idleclaw-given.json'), 'utf8'))).toMatchObject({
      servers: { [hub.url]: { requests: 3 } },
    });
  });

  it('a running Lobstah is told to contribute, under its own switch', async () => {
    await using hub = await startFakeIdleClaw();
    await using ollama = await startFakeOllama({ models: [{ name: 'tiny:latest' }] });
    const env = { OLLAMA_HOST: ollama.url, LOBSTAH_ENGINE: 'ollama' };
    const lobstah = await startLobstah(['up'], { home: createHome(), env });
    try {
      const told = await runLobstah(['contribute', '--server', hub.url], { home: lobstah.home });
      expect(told).toMatchObject({ code: 0, stderr: '' });
      expect(told.stdout).toContain("'lobstah sharing on' starts it");
      expect(hub.upgrades).toBe(0);
      await runLobstah(['sharing', 'on'], { home: lobstah.home });
      await until(() => hub.listed.length === 1, 'the node is listed');
      const status = await runLobstah(['status'], { home: lobstah.home });
      expect(status.stdout).toContain(`idleclaw  ${hub.url}: Registered with one model.`);
      await runLobstah(['contribute', '--stop'], { home: lobstah.home });
      await until(() => hub.listed.length === 0, 'it is gone');
    } finally {
      await lobstah.stop();
    }
  });

  it.each([
    [['status', '--server', 'idleclaw.example']],
    [['idleclaw', 'status', '--server', 'ftp://x']],
    [['contribute', '--server', 'http://']],
    [['consume', '--model', 'm', '--prompt', 'x', '--server', 'localhost:8000']],
    [['idleclaw', 'status']],
    [['consume', '--model', 'm', '--prompt', 'x']],
  ])('%j: a broken or missing address is an error, and nothing else is asked', async (args) => {
    const { code, stdout, stderr } = await runLobstah(args, { home: createHome() });
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('IdleClaw server');
  });

  it('a broken IDLECLAW_SERVER is an error, too', async () => {
    const env = { IDLECLAW_SERVER: 'api.idleclaw' };
    for (const args of [['contribute'], ['idleclaw', 'status'], ['worker', 'start', '--port', '0']]) {
      const { code, stderr } = await runLobstah(args, { home: createHome(), env });
      expect(code).toBe(2);
      expect(stderr).toContain("'api.idleclaw' is not the address of an IdleClaw server");
    }
  });
});

describe('the skill', () => {
  it('is found by lobstah, and copied to where an agent looks', async () => {
    const { stdout } = await runLobstah(['idleclaw', 'skill'], { home: createHome() });
    expect(stdout.trim()).toBe(SKILL);
    const agent = mkdtempSync(join(tmpdir(), 'skills-'));
    try {
      const copied = await run('sh', [join(SKILL, 'install.sh'), agent], {});
      expect(copied).toMatchObject({ code: 0, stderr: '' });
      const folder = join(agent, 'idleclaw');
      expect(existsSync(join(folder, 'SKILL.md'))).toBe(true);
      const ready = await run('sh', [join(folder, 'install.sh')], { LOBSTAH_HOME: createHome() });
      expect(ready.stdout).toMatch(/^idleclaw: ready, with lobstah /);
      // Far away from the checkout, and not on PATH: it knows by whom it was installed, and says so when that is gone.
      writeFileSync(join(folder, 'lobstah-command'), '/nowhere/lobstah\n');
      const lost = await run('sh', [join(folder, 'scripts/status.sh')], {});
      expect(lost.code).toBe(1);
      expect(lost.stderr).toContain('lobstah is not installed here');
    } finally {
      rmSync(agent, { recursive: true });
    }
  });

  it('names in its front matter what it is, and no server by itself', () => {
    const text = readFileSync(join(SKILL, 'SKILL.md'), 'utf8');
    const front = /^---\nname: idleclaw\ndescription: .+\n(?:.+\n)+---\n/.exec(text)?.[0] ?? '';
    const metadata = JSON.parse(/^metadata: (.+)$/m.exec(front)?.[1] ?? '') as { openclaw: object };
    expect(metadata.openclaw).toMatchObject({ os: ['darwin', 'linux'] });
    for (const mode of ['contribute', 'consume', 'status']) expect(text).toContain(`scripts/${mode}.sh`);
    expect(text.match(/https?:\/\/[^\s"|`]+/g)?.filter((url) => !/hub\.example|127\.0\.0\.1/.test(url))).toEqual([]);
  });
});

function runSkill(script: string, args: readonly string[], env: Record<string, string>) {
  return run('sh', [join(SKILL, 'scripts', script), ...args], env);
}

async function run(command: string, args: readonly string[], env: Record<string, string>) {
  const child = spawn(command, args, { env: { PATH: '/usr/bin:/bin', NO_COLOR: '1', ...env } });
  child.stdin.end();
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (stdout += part));
  child.stderr.setEncoding('utf8').on('data', (part: string) => (stderr += part));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, stdout, stderr };
}
