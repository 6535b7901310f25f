import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

/**
 * A screen that nobody looks at, and nobody else uses: two apps on one screen take the focus from each other, which closes
 * popovers, and share a clipboard.
 * @returns undefined where the system has one screen for all (macOS)
 */
export async function openDisplay(): Promise<{ name: string; close(): void } | undefined> {
  if (process.platform !== 'linux') return undefined;
  const screen = ['-screen', '0', '1600x1000x24', '-nolisten', 'tcp', '-displayfd', '3'];
  const server = spawn('Xvfb', screen, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  const name = await new Promise<string>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new Error('the specs of the app need Xvfb (apt-get install xvfb)', { cause })),
    );
    server.once('exit', (code) => reject(new Error(`Xvfb ended with ${String(code)}`)));
    // It writes the number of the display it found free.
    (server.stdio[3] as Readable).once('data', (number: Buffer) => resolve(`:${number.toString('utf8').trim()}`));
  });
  return { name, close: () => void server.kill() };
}
