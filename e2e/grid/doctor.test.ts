import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { chmodSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DoctorCheckView } from '../../app/contract/commands.ts';
import { startFakeOllama } from '../../app/engine/testing/fake-ollama.ts';
import { runDoctor } from '../../app/runtime/doctor.ts';
import type { DoctorInput } from '../../app/runtime/doctor/finding.ts';
import { findHome } from '../../app/runtime/home.ts';
import { createHome, runLobstah } from './lobstah-process.ts';
import { newSigner, peerOf, startTestGrid } from './test-grid.ts';

const MB = 1024 * 1024;
const NOBODY = 'http://127.0.0.1:9';

/** A home with its own free ports, so that what runs on this machine is not found. */
async function createQuietHome(peers: readonly object[] = []): Promise<string> {
  const home = createHome();
  const [worker, router, control] = await Promise.all([freePort(), freePort(), freePort()]);
  writeFileSync(
    join(home, 'settings.json'),
    JSON.stringify({ worker: { port: worker }, router: { port: router }, control: { port: control } }),
  );
  writeFileSync(join(home, 'peers.json'), JSON.stringify(peers));
  return home;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function diagnose(home: string, input: Partial<DoctorInput> = {}): Promise<Record<string, DoctorCheckView>> {
  const env = { LOBSTAH_HOME: home, OLLAMA_HOST: NOBODY };
  const checks = await runDoctor({ home: findHome(env), env, ...input });
  return Object.fromEntries(checks.map((check) => [check.name, check]));
}

/** The command as a script sees it. */
async function doctor(home: string, env: Record<string, string> = {}) {
  const { code, stdout } = await runLobstah(['doctor', '--json'], { home, env: { OLLAMA_HOST: NOBODY, ...env } });
  const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: DoctorCheckView[] };
  return { code, ok, of: (name: string) => checks.find((check) => check.name === name) };
}

describe('the doctor finds', () => {
  it('nothing broken on a fresh home, and says what is not there yet', async () => {
    const { code, ok, of } = await doctor(await createQuietHome());
    expect([code, ok]).toEqual([0, true]);
    expect(of('Identity')).toMatchObject({ status: 'warning', code: 'identity_none' });
    expect(of('Worker')).toMatchObject({ status: 'warning', code: 'worker_not_running' });
    expect(of('Clock')).toMatchObject({ status: 'ok', message: 'nobody to compare with' });
  });

  it('that there is no engine: as a warning while the sample answers, as a failure where Ollama is wished for', async () => {
    const home = await createQuietHome();
    const auto = await doctor(home);
    expect(auto.of('Engine')).toMatchObject({ status: 'warning', code: 'engine_none' });
    expect(auto.of('Engine')?.hint).toContain('Install Ollama');
    const wished = await doctor(home, { LOBSTAH_ENGINE: 'ollama' });
    expect([wished.code, wished.ok]).toEqual([1, false]);
    expect(wished.of('Engine')).toMatchObject({ status: 'failed', code: 'engine_none' });
    expect(wished.of('Engine')?.hint).toContain('ollama serve');
  });

  it('an engine without models, also behind the sample that steps in for it', async () => {
    await using ollama = await startFakeOllama({ models: [] });
    const home = await createQuietHome();
    for (const [wish, status] of [
      ['auto', 'warning'],
      ['ollama', 'failed'],
    ] as const) {
      const env = { LOBSTAH_HOME: home, LOBSTAH_ENGINE: wish, OLLAMA_HOST: ollama.url };
      const { Engine } = await diagnose(home, { env });
      expect(Engine).toMatchObject({ status, code: 'engine_without_models' });
      expect(Engine?.hint).toContain('ollama pull');
    }
  });

  it.each([
    ['worker', 'Worker'],
    ['router', 'Router'],
    ['control', 'Dashboard'],
  ])('who has taken the port of the %s', async (member, name) => {
    const program = "require('net').createServer().listen(0,'127.0.0.1',function(){console.log(this.address().port)})";
    const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const port = await new Promise<number>((resolve) => child.stdout.once('data', (text) => resolve(Number(text))));
      const home = createHome();
      writeFileSync(join(home, 'settings.json'), JSON.stringify({ [member]: { port } }));
      const { code, of } = await doctor(home);
      expect(code).toBe(1);
      expect(of(name)).toMatchObject({ status: 'failed', code: 'port_taken' });
      expect(of(name)?.message).toMatch(new RegExp(`Port ${port} is held by node\\S* \\(process ${child.pid}\\)`));
      expect(of(name)?.hint).toContain(`kill ${child.pid}`);
    } finally {
      child.kill();
    }
  });

  it('that the disk is full, or soon', async () => {
    const home = await createQuietHome();
    const at = async (freeBytes: number) => (await diagnose(home, { deps: { freeBytes: () => freeBytes } }))['Disk'];
    expect(await at(0)).toMatchObject({ status: 'failed', code: 'disk_full', message: '0 MB free' });
    expect(await at(100 * MB)).toMatchObject({ status: 'warning', code: 'disk_full' });
    expect(await at(1_000 * MB)).toMatchObject({ status: 'ok', hint: null });
  });

  it('a key that others may read, and how to close it', async () => {
    const home = await createQuietHome();
    await runLobstah(['keygen'], { home });
    const file = join(home, 'identity.json');
    for (const mode of [0o644, 0o640, 0o604]) {
      chmodSync(file, mode);
      const { code, of } = await doctor(home);
      expect(code).toBe(1);
      expect(of('Identity')).toMatchObject({ status: 'failed', code: 'identity_readable_by_others' });
      expect(of('Identity')?.hint).toBe(`chmod 600 '${file}'`);
    }
    chmodSync(file, 0o600);
    expect((await doctor(home)).of('Identity')).toMatchObject({ status: 'ok' });
  });

  it('each peer that cannot be asked, and at which step; blocked ones are left alone', async () => {
    await using worker = await startTestGrid({ roles: 'worker' });
    const { pubkey, url } = peerOf(worker);
    const home = await createQuietHome([
      { pubkey, url, label: 'good' },
      { pubkey: newSigner().pubkey, url, label: 'another key' },
      { pubkey: newSigner().pubkey, url: `http://127.0.0.1:${await freePort()}`, label: 'gone' },
      { pubkey: newSigner().pubkey, url: 'http://nobody.invalid:1', label: 'no name' },
      { pubkey: newSigner().pubkey, url: url.replace('http:', 'https:'), label: 'no TLS' },
      { pubkey: newSigner().pubkey, url: NOBODY, label: 'blocked', blocked: true },
    ]);
    const { code, of } = await doctor(home);
    expect(code).toBe(1);
    const seen = ['good', 'another key', 'gone', 'no name', 'no TLS', 'blocked'].map((label) => of(`Peer ${label}`));
    expect(seen.map((check) => check && [check.status, check.code])).toEqual([
      ['ok', undefined],
      ['failed', 'peer_key'],
      ['warning', 'peer_tcp'],
      ['warning', 'peer_dns'],
      ['failed', 'peer_tls'],
      undefined,
    ]);
    for (const check of seen.slice(1, 5)) expect(check?.hint).toBeTruthy();
    expect(of('Clock')).toMatchObject({ status: 'ok' });
  });

  it('a clock that is off, by the clocks of peers', async () => {
    await using worker = await startTestGrid({ roles: 'worker' });
    const home = await createQuietHome([peerOf(worker)]);
    const at = async (shiftMs: number) =>
      (await diagnose(home, { deps: { nowMs: () => Date.now() + shiftMs } }))['Clock'];
    expect(await at(0)).toMatchObject({ status: 'ok' });
    expect(await at(-600_000)).toMatchObject({ status: 'failed', code: 'clock_off' });
    expect((await at(-600_000))?.message).toContain('10 min behind');
    expect((await at(60_000))?.message).toContain('ahead of');
  });

  it('asks a time server only when it is told to', async () => {
    let packets = 0;
    const server = createSocket('udp4').on('message', () => (packets += 1));
    await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
    const deps = { timeServer: { host: '127.0.0.1', port: server.address().port } };
    const home = await createQuietHome();
    await diagnose(home, { deps });
    expect(packets).toBe(0);
    expect((await diagnose(home, { deps, online: true }))['Clock']).toMatchObject({ code: 'clock_unknown' });
    expect(packets).toBe(1);
    await new Promise<void>((resolve) => server.close(resolve));
  });

  it('the same from inside a running grid, for the page that shows it', async () => {
    const gone = { pubkey: newSigner().pubkey, url: `http://127.0.0.1:${await freePort()}`, label: 'gone' };
    await using both = await startTestGrid({ roles: 'both', peers: [gone] });
    const { checks } = (await both.grid.command('runDoctor', {})) as { checks: DoctorCheckView[] };
    const statuses = Object.fromEntries(checks.map(({ name, status }) => [name, status]));
    expect(statuses).toMatchObject({ Engine: 'ok', Worker: 'ok', Router: 'ok', 'Peer gone': 'warning' });
  });
});
