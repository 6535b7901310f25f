import { createSocket } from 'node:dgram';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { Agent, request } from 'undici';
import { createOverlay, type Overlay } from '../../app/overlay/overlay.ts';
import { createSigner, type Signer } from '../../app/protocol/ed25519.ts';
import { parseOverlayAddress, requestUrl } from '../../app/protocol/overlay-address.ts';
import { startTestGrid, type TestGrid, type TestGridOptions } from './test-grid.ts';

export const OVERLAY_ON = { overlay: { state: 'on', relay: 'none', relayOnly: false } };

/** The overlay address of a grid of this process with a loopback hint: there is no relay and no lookup here. */
export function loopbackAddress({ grid }: TestGrid): string {
  const { overlay } = grid.snapshot();
  const address = overlay.state === 'on' ? overlay.address : null;
  if (address === null) throw new Error(JSON.stringify(overlay));
  const port = /at=[^&]*?:(\d+)/.exec(address)?.[1] ?? '';
  return `${address.split('?')[0]}?at=127.0.0.1:${port}`;
}

/** Two Lobstahs that know of each other's key and nothing else. */
export async function startOverlayPair(
  worker: Partial<TestGridOptions> = {},
): Promise<{ serving: TestGrid; asking: TestGrid } & AsyncDisposable> {
  const serving = await startTestGrid({ roles: 'worker', settings: OVERLAY_ON, ...worker });
  const asking = await startTestGrid({
    roles: 'router',
    settings: OVERLAY_ON,
    peers: [{ pubkey: serving.grid.pubkey, url: loopbackAddress(serving) }],
  });
  return {
    serving,
    asking,
    async [Symbol.asyncDispose]() {
      await asking[Symbol.asyncDispose]();
      await serving[Symbol.asyncDispose]();
    },
  };
}

export interface BareDialler extends AsyncDisposable {
  readonly signer: Signer;
  readonly overlay: Overlay;
  ask(path: string, headers?: Record<string, string>, body?: string): Promise<{ status: number; text: string }>;
}

/** Somebody with a key and a connection who sends whatever headers they like. */
export async function startBareDialler(target: string): Promise<BareDialler> {
  const secretKey = randomBytes(32);
  const signer = createSigner(secretKey);
  const ordinary = new Agent();
  const address = parseOverlayAddress(target);
  if ('problem' in address) throw new Error(address.problem);
  const overlay = createOverlay({
    ownPubkey: signer.pubkey,
    secretKey,
    ordinary,
    wish: () => ({ state: 'on', relay: 'none', relayOnly: false, port: 0 }),
    hintsOf: () => address.hints,
    isWelcome: () => true,
    onStream: undefined,
    claim: () => () => undefined,
    nowMs: Date.now,
    onChange: () => undefined,
  });
  await overlay.look();
  return {
    signer,
    overlay,
    async ask(path, headers = {}, body) {
      const answer = await request(requestUrl(target, path), {
        dispatcher: overlay.dispatcher,
        headers: { 'content-type': 'application/json', ...headers },
        ...(body === undefined ? {} : { method: 'POST', body }),
      });
      return { status: answer.statusCode, text: await answer.body.text() };
    },
    async [Symbol.asyncDispose]() {
      await overlay.stop();
      await ordinary.destroy();
    },
  };
}

/** A UDP port that nobody uses. */
export function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(0, '0.0.0.0', () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}

/** The UDP sockets a process has open, as local addresses in hex. Linux only. */
export function udpSocketsOf(pid: number): string[] {
  const own = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1];
      return inode === undefined ? [] : [inode];
    }),
  );
  return ['udp', 'udp6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((cells) => own.has(cells[9] ?? ''))
      .map((cells) => `${table} ${cells[1] ?? ''}`),
  );
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ''; // closed while we looked
  }
}
