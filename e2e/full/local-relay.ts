import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const RECORDER = join(import.meta.dirname, 'recording-proxy-main.ts');
const RELAY_PORT = 3340;
const PROXY_PORT = 3350;

/** `cargo install iroh-relay --features server`, on PATH or named by IROH_RELAY; undefined where there is none */
export function findRelay(): string | undefined {
  const program = process.env['IROH_RELAY'] ?? 'iroh-relay';
  return spawnSync(program, ['--version']).status === 0 ? program : undefined;
}

export interface LocalRelay extends AsyncDisposable {
  readonly url: string;
  /** everything that the relay sent to its clients so far; what they send to it is masked, as WebSockets of clients are */
  sent(): Promise<Buffer>;
}

/** A relay in a namespace, with a wire between it and everybody on which all bytes are kept. */
export async function startLocalRelay(program: string, namespace: string, address: string): Promise<LocalRelay> {
  const inside = (command: string, ...args: string[]) =>
    spawn('ip', ['netns', 'exec', namespace, command, ...args], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const relay = spawn('ip', ['netns', 'exec', namespace, program, '--dev'], { stdio: 'ignore' });
  const proxy = inside(process.execPath, RECORDER, String(PROXY_PORT), String(RELAY_PORT));
  await once(proxy, 'message'); // it listens
  return {
    url: `http://${address}:${PROXY_PORT}`,
    async sent() {
      proxy.send('sent');
      const [base64] = (await once(proxy, 'message')) as [string];
      return Buffer.from(base64, 'base64');
    },
    async [Symbol.asyncDispose]() {
      const gone = [relay, proxy].map((child) => once(child, 'exit'));
      relay.kill();
      proxy.kill();
      await Promise.all(gone);
    },
  };
}
