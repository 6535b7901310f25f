import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { GridError } from '../protocol/errors.ts';
import { parsePubkey } from '../protocol/pubkey.ts';
import { parsePeerAddress, type Peer } from './peer.ts';

/** How files of peers are changed; handed in, because the disk is the runtime's business. */
export interface PeersDisk {
  /** replaces a file whole or not at all */
  write(file: string, text: string): void;
  /** runs the work while no other process does such work on the same file */
  exclusively<Result>(file: string, work: () => Result): Result;
}

/** v1's peers.json: a list of {pubkey, url, label?}. `blocked` is ours; members we do not know are kept as they are. */
const rowSchema = z.looseObject({
  pubkey: z.string(),
  url: z.string(),
  label: z.string().optional(),
  blocked: z.boolean().optional(),
});
export type PeerRow = z.infer<typeof rowSchema>;

/**
 * @returns the rows of the file, none when there is no file
 * @throws GridError peers_unreadable naming the file's problem; the file is never touched
 */
export function readPeersFile(file: string): PeerRow[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new GridError('peers_unreadable', 'peers.json cannot be read.', { cause: error });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new GridError('peers_unreadable', 'peers.json is not valid JSON.', { cause: error });
  }
  const parsed = z.array(rowSchema).safeParse(json);
  if (!parsed.success)
    throw new GridError('peers_unreadable', 'peers.json is not a list of {pubkey, url, label}.', {
      cause: parsed.error,
    });
  parsed.data.forEach((row, index) => {
    const pubkey = parsePubkey(row.pubkey);
    if (!pubkey)
      throw new GridError('peers_unreadable', `peers.json: the key of entry ${index + 1} is not lob1 + 64 hex digits.`);
    const url = parsePeerAddress(row.url, pubkey);
    if ('problem' in url) throw new GridError('peers_unreadable', `peers.json: entry ${index + 1}: ${url.problem}.`);
  });
  return parsed.data;
}

export function peersFileText(rows: readonly PeerRow[]): string {
  return `${JSON.stringify(rows, null, 2)}\n`;
}

export function peerOf(row: PeerRow): Peer {
  const pubkey = parsePubkey(row.pubkey);
  const address = pubkey && parsePeerAddress(row.url, pubkey);
  if (!pubkey || !address || 'problem' in address) throw new GridError('peers_unreadable');
  return { pubkey, url: address.url, label: row.label, blocked: row.blocked ?? false, source: 'static' };
}
