import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { beforeAll, describe, expect, it } from 'vitest';
import { canIsolate, installOpenclaw, OPENCLAW_VERSION } from './openclaw-install.ts';

const ROOT = join(import.meta.dirname, '../..');
const openclaw = canIsolate()
  ? installOpenclaw()
  : { reason: "openclaw calls out by default and 'unshare -n' is not allowed here" };
if ('reason' in openclaw) console.log(`skipped: the real openclaw: ${openclaw.reason}`);

type Facts = Readonly<Record<string, unknown>>;

/** Runs the story inside a namespace of its own. @returns what each step told */
function tellStory(file: string, bin: string, pluginFolder: string): Promise<ReadonlyMap<string, Facts>> {
  const inside = 'ip link set lo up && exec "$@"';
  const story = [process.execPath, join(import.meta.dirname, file), bin, pluginFolder];
  const child = spawn('unshare', ['-n', 'sh', '-c', inside, 'sh', ...story], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
  return new Promise((resolve, reject) =>
    child.once('close', (code) => {
      const lines = text.split('\n').filter(Boolean);
      const told = new Map(
        lines.map((line) => JSON.parse(line) as Facts & { step: string }).map((facts) => [facts.step, facts]),
      );
      if (code === 0) resolve(told);
      else reject(new Error(`the story ended with ${code} after: ${lines.at(-1) ?? 'nothing'}`));
    }),
  );
}

describe.runIf('bin' in openclaw)(`the real openclaw ${OPENCLAW_VERSION}`, () => {
  let told: ReadonlyMap<string, Facts>;
  let badDay: ReadonlyMap<string, Facts>;
  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lobstah-plugin-'));
    await build({
      configFile: join(ROOT, 'app/openclaw/vite.config.ts'),
      build: { outDir: folder },
      logLevel: 'error',
    });
    await build({ configFile: join(ROOT, 'app/openclaw/vite.config.ts'), logLevel: 'error' });
    const bin = 'bin' in openclaw ? openclaw.bin : '';
    told = await tellStory('openclaw-story.ts', bin, folder);
    badDay = await tellStory('openclaw-bad-day.ts', bin, folder);
    rmSync(folder, { recursive: true, force: true });
  }, 1_800_000);

  it('a dry run changes nothing', () => {
    expect(told.get('dry run')).toMatchObject({ code: 0, untouched: true });
  });
  it('lobstah openclaw install: plugin, provider, the models of the grid, a real question', () => {
    expect(told.get('install')).toMatchObject({ code: 0 });
    expect(told.get('install')?.['models']).toEqual(expect.arrayContaining(['lobstah/auto', 'lobstah/qwen3:8b']));
    expect(told.get('install')?.['answeredBy']).toContain('qwen3:8b');
  });
  it('openclaw loads it, and its doctor finds nothing', () => {
    expect(told.get('inspect')?.['stdout']).toMatch(
      /Status: loaded[\s\S]*text-inference: lobstah[\s\S]*Commands:\s+lobstah/,
    );
    expect(told.get('doctor')).toMatchObject({ code: 0 });
    expect(told.get('doctor')?.['stdout']).toContain('checks passed');
  });
  it('agent exec answers through router, worker and engine', () => {
    expect(told.get('agent')?.['answer']).toMatchObject({ ok: true, final: 'Hello from the grid.' });
    expect(told.get('what came')?.['tools']).toBeGreaterThan(5);
    expect(told.get('what came')?.['roles']).toContain('system');
  });
  it('a tool the model asks for is run, and its result comes back to the model', () => {
    expect(told.get('tool')?.['results']).toContainEqual(expect.stringContaining('the tide is high'));
    expect(told.get('tool')?.['stdout']).toContain('It is high.');
  });
  it('lobstah openclaw remove leaves openclaw byte for byte as it was', () => {
    expect(told.get('remove')).toMatchObject({ code: 0, same: true, left: false });
  });
  it('onboarding without a person, then an answer from the chosen model', () => {
    expect(told.get('onboard')).toMatchObject({ code: 0 });
    expect(told.get('agent after onboarding')?.['answer']).toMatchObject({
      ok: true,
      final: expect.stringContaining('high') as string,
    });
  });
  it('finds models that came after the setup', () => {
    expect(told.get('new model')?.['stdout']).toContain('lobstah/new:1b');
  });
  it('a peer that dies before it said anything does not end the turn', () => {
    expect(badDay.get('failover')).toMatchObject({ dyingWasAsked: true });
    const { answers = [] } = (badDay.get('failover') ?? {}) as { answers?: readonly unknown[] };
    expect(answers).not.toEqual([]);
    for (const answer of answers) expect(answer).toMatchObject({ ok: true, final: 'Hello from there.' });
  });
  it('a spent budget ends the turn with words, and does not disable the key', () => {
    expect(badDay.get('spent')?.['spent']).toMatchObject({ ok: false });
    expect(badDay.get('spent')?.['after']).toMatchObject({ ok: true, final: 'Hello from here.' });
    // openclaw 2026.9.6 shows no provider's own words for a failure. What is in our hands: it does not try again for minutes,
    // and does not call it temporary.
    const said = JSON.stringify(badDay.get('spent')?.['spent']);
    expect(said).toContain('LLM request failed');
    expect(said).not.toMatch(/temporary|internal error/);
  });
});
