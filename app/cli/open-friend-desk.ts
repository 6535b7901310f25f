import { randomBytes } from 'node:crypto';
import { Agent } from 'undici';
import { createSigner } from '../protocol/ed25519.ts';
import { GridError } from '../protocol/errors.ts';
import { createFriendDesk, type FriendDesk } from '../runtime/friend-desk.ts';
import { openIdentityFile } from '../runtime/identity-file.ts';
import { ownAddresses, ownLabel } from '../runtime/own-addresses.ts';
import { openSettingsFile } from '../runtime/settings.ts';
import { controlSnapshot } from './control-client.ts';
import { openPeerBook, type PeerBook } from './open-peer-book.ts';

/** The friends of this home, beside whatever runs on it: a running Lobstah sees every change a moment later. */
export async function withFriendDesk<Result>(
  use: (desk: FriendDesk, book: PeerBook) => Result | Promise<Result>,
): Promise<Result> {
  const book = openPeerBook();
  const { identity } = openIdentityFile(book.home.identityFile);
  const dispatcher = new Agent({ connect: { timeout: 5_000 } });
  const settings = openSettingsFile(book.home.settingsFile).current();
  const overlayAddress = settings.overlay.state === 'on' ? await runningOverlay() : null;
  const desk = createFriendDesk({
    books: book,
    signer: createSigner(Buffer.from(identity.secretKey, 'hex')),
    dispatcher,
    nowMs: Date.now,
    randomHex: (bytes) => randomBytes(bytes).toString('hex'),
    ownAddresses: () => ownAddresses(book.home, settings, overlayAddress),
    ownLabel,
  });
  try {
    return await use(desk, book);
  } finally {
    await dispatcher.close();
  }
}

/** Where the running Lobstah is found by its key; null when none runs, or when it is not there yet. */
async function runningOverlay(): Promise<string | null> {
  try {
    const { overlay } = await controlSnapshot();
    return overlay.state === 'on' ? overlay.address : null;
  } catch (error) {
    if (error instanceof GridError && error.code === 'not_running') return null;
    throw error;
  }
}
