import { randomBytes } from 'node:crypto';
import { Agent } from 'undici';
import { createSigner } from '../protocol/ed25519.ts';
import { createFriendDesk, type FriendDesk } from '../runtime/friend-desk.ts';
import { openIdentityFile } from '../runtime/identity-file.ts';
import { ownAddresses, ownLabel } from '../runtime/own-addresses.ts';
import { openSettingsFile } from '../runtime/settings.ts';
import { openPeerBook, type PeerBook } from './open-peer-book.ts';

/** The friends of this home, beside whatever runs on it: a running Lobstah sees every change a moment later. */
export async function withFriendDesk<Result>(
  use: (desk: FriendDesk, book: PeerBook) => Result | Promise<Result>,
): Promise<Result> {
  const book = openPeerBook();
  const { identity } = openIdentityFile(book.home.identityFile);
  const dispatcher = new Agent({ connect: { timeout: 5_000 } });
  const desk = createFriendDesk({
    books: book,
    signer: createSigner(Buffer.from(identity.secretKey, 'hex')),
    dispatcher,
    nowMs: Date.now,
    randomHex: (bytes) => randomBytes(bytes).toString('hex'),
    ownAddresses: () => ownAddresses(book.home, openSettingsFile(book.home.settingsFile).current()),
    ownLabel,
  });
  try {
    return await use(desk, book);
  } finally {
    await dispatcher.close();
  }
}
