import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { downloadModel, type DownloadProgress } from './download-model.ts';

const FILE = Buffer.alloc(3 * 1024 * 1024, 'lobstah ');
const SHA256 = createHash('sha256').update(FILE).digest('hex');

interface HubBehaviour {
  ranges?: boolean;
  /** breaks the connection after so many bytes, once */
  breakAfter?: number;
  /** waits forever after so many bytes */
  stallAfter?: number;
  publishes?: string;
  status?: number;
  chunked?: boolean;
}

/** Behaves like Hugging Face: HEAD answers with a redirect that carries the checksum, GET is redirected to the file. */
async function startHub(behaviour: HubBehaviour = {}) {
  const ranges: (string | undefined)[] = [];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    if (request.url === '/model') {
      response.writeHead(302, { location: '/blob', 'x-linked-etag': `"${behaviour.publishes ?? SHA256}"` }).end();
      return;
    }
    ranges.push(request.headers.range);
    if (behaviour.status) {
      response.writeHead(behaviour.status).end('no');
      return;
    }
    const start = behaviour.ranges === false ? 0 : Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    if (start >= FILE.length) {
      response.writeHead(416, { 'content-range': `bytes */${FILE.length}` }).end();
      return;
    }
    const rest = FILE.subarray(start);
    response.writeHead(start > 0 ? 206 : 200, {
      ...(behaviour.chunked ? {} : { 'content-length': rest.length }),
      ...(start > 0 ? { 'content-range': `bytes ${start}-${FILE.length - 1}/${FILE.length}` } : {}),
    });
    const { breakAfter, stallAfter } = behaviour;
    delete behaviour.breakAfter;
    if (breakAfter !== undefined)
      response.write(rest.subarray(0, breakAfter), () => setImmediate(() => response.destroy()));
    else if (stallAfter !== undefined) response.write(rest.subarray(0, stallAfter));
    else response.end(rest);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const folder = await mkdtemp(join(tmpdir(), 'lobstah-download-'));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/model`,
    behaviour,
    ranges,
    toFile: join(folder, 'models', 'm.gguf'),
    partFile: join(folder, 'models', 'm.gguf.part'),
    folder,
    files: () => readdir(join(folder, 'models')).catch(() => []),
    [Symbol.asyncDispose]: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      await rm(folder, { recursive: true, force: true });
    },
  };
}

describe('downloadModel', () => {
  it('fetches, checks against the published checksum, renames, and says how far it is', async () => {
    await using hub = await startHub();
    const seen: DownloadProgress[] = [];
    expect(await downloadModel({ ...hub, onProgress: (progress) => seen.push(progress) })).toEqual({
      bytes: FILE.length,
      sha256: SHA256,
    });
    expect(FILE.equals(await readFile(hub.toFile))).toBe(true);
    expect(await hub.files()).toEqual(['m.gguf']);
    expect(seen[0]).toEqual({ phase: 'downloading', receivedBytes: 0, totalBytes: FILE.length });
    expect(seen.at(-1)).toEqual({ phase: 'checking', receivedBytes: FILE.length, totalBytes: FILE.length });
    expect(seen.length).toBeGreaterThan(3);
    expect(seen.every(({ receivedBytes }, index) => receivedBytes >= (seen[index - 1]?.receivedBytes ?? 0))).toBe(true);
  });

  it('goes on where it broke off', async () => {
    await using hub = await startHub({ breakAfter: 1_000_000 });
    await expect(downloadModel(hub)).rejects.toMatchObject({
      code: 'download_failed',
      message: expect.stringContaining('kept'),
    });
    expect(await hub.files()).toEqual(['m.gguf.part']);
    const kept = (await readFile(hub.partFile)).length;
    expect(kept).toBeGreaterThan(0);
    await downloadModel(hub);
    expect(hub.ranges).toEqual([undefined, `bytes=${kept}-`]);
    expect(FILE.equals(await readFile(hub.toFile))).toBe(true);
  });

  it('starts over where the server ignores ranges', async () => {
    await using hub = await startHub({ breakAfter: 1_000_000, ranges: false });
    await expect(downloadModel(hub)).rejects.toMatchObject({ code: 'download_failed' });
    await downloadModel(hub);
    expect(FILE.equals(await readFile(hub.toFile))).toBe(true);
  });

  it('takes a part that was whole already, and throws away one that is too long', async () => {
    await using hub = await startHub({ breakAfter: 10 });
    await expect(downloadModel(hub)).rejects.toMatchObject({ code: 'download_failed' });
    await writeFile(hub.partFile, FILE);
    await downloadModel(hub);
    await writeFile(hub.partFile, Buffer.alloc(FILE.length + 5));
    await downloadModel(hub);
    expect(FILE.equals(await readFile(hub.toFile))).toBe(true);
  });

  it('never gives wrong bytes the name of the model', async () => {
    await using hub = await startHub();
    await expect(downloadModel({ ...hub, sha256: '0'.repeat(64) })).rejects.toMatchObject({
      code: 'download_failed',
      message: expect.stringContaining('checksum'),
    });
    expect(await hub.files()).toEqual([]);
  });

  it('fetches nothing that nobody vouches for', async () => {
    await using hub = await startHub({ publishes: 'not-a-hash' });
    await expect(downloadModel(hub)).rejects.toMatchObject({
      code: 'download_failed',
      message: expect.stringContaining('does not say'),
    });
    expect(hub.ranges).toEqual([]);
  });

  it('manages without a length', async () => {
    await using hub = await startHub({ chunked: true });
    const seen: DownloadProgress[] = [];
    await downloadModel({ ...hub, onProgress: (progress) => seen.push(progress) });
    expect(seen[0]?.totalBytes).toBeUndefined();
    expect(FILE.equals(await readFile(hub.toFile))).toBe(true);
  });

  it('can be cancelled at once and goes on later', async () => {
    await using hub = await startHub({ stallAfter: 2_000_000 });
    const controller = new AbortController();
    const reason = new Error('cancelled');
    const running = downloadModel({
      ...hub,
      signal: controller.signal,
      onProgress: ({ receivedBytes }) => {
        if (receivedBytes > 1_000_000) controller.abort(reason);
      },
    });
    await expect(running).rejects.toBe(reason);
    delete hub.behaviour.stallAfter;
    await downloadModel(hub);
    expect(hub.ranges[1]).toMatch(/^bytes=[1-9]\d+-$/);
    expect(FILE.equals(await readFile(hub.toFile))).toBe(true);
  });

  it('a folder that cannot be written is said in words', async () => {
    await using hub = await startHub();
    await writeFile(join(hub.folder, 'a-file'), '');
    const toFile = join(hub.folder, 'a-file', 'm.gguf');
    await expect(downloadModel({ ...hub, toFile })).rejects.toMatchObject({
      code: 'home_unwritable',
      message: expect.stringContaining('cannot be written'),
    });
  });

  it('a server that says no, and one that is not there', async () => {
    await using hub = await startHub({ status: 403 });
    await expect(downloadModel(hub)).rejects.toMatchObject({
      code: 'download_failed',
      message: expect.stringContaining('403'),
    });
    await expect(downloadModel({ ...hub, url: 'http://127.0.0.1:1/model' })).rejects.toMatchObject({
      code: 'download_failed',
    });
  });
});
