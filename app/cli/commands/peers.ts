import type { Command } from 'commander';
import { endFriendship } from '../../peers/befriend.ts';
import { GridError } from '../../protocol/errors.ts';
import { parsePubkey, shortPubkey } from '../../protocol/pubkey.ts';
import { parseNewPeer } from '../../runtime/commands/peer-commands.ts';
import { openPeerBook } from '../open-peer-book.ts';
import { readRouter, routerUrlOf } from '../router-client.ts';
import { pathText } from '../path-text.ts';
import { addPeersSync } from './peers-sync.ts';
import { paint, say, sayJson, table } from '../terminal.ts';

interface JsonOption {
  json?: boolean;
}

interface PeerJson {
  pubkey: string;
  url: string;
  label?: string;
  own: boolean;
  path?: string;
  rttMs?: number | null;
  circle?: 'friend' | 'device' | null;
  state: string;
  problem?: string;
  models: string[];
  latencyMs: number | null;
  sources?: string[];
  addresses?: string[];
  announcedAtMs?: number | null;
}

export function addPeers(program: Command): void {
  const peers = program.command('peers').description('whom this machine may ask');

  peers
    .command('add')
    .description('add a peer, or change the address of one')
    .argument('<pubkey>', 'its key: lob1 + 64 hex digits')
    .argument('[address]', 'its worker: http://host:17474, or iroh:… (default: its key, over the overlay)')
    .argument('[label]', 'a name of your own for it')
    .option('--json', 'print JSON')
    .action((pubkeyText: string, urlText: string | undefined, label: string | undefined, options: JsonOption) => {
      const { directory, ownPubkey } = openPeerBook();
      const peer = parseNewPeer(pubkeyText, urlText ?? pubkeyText.trim(), ownPubkey);
      directory.add({ ...peer, label });
      if (options.json) sayJson({ added: { ...peer, label: label ?? null } });
      else say(`Added ${label ?? shortPubkey(peer.pubkey)} at ${peer.url}. A running router knows it at once.`);
    });

  peers
    .command('remove')
    .description('forget a peer; what stands in the ledger stays')
    .argument('<pubkey>', 'its key')
    .option('--json', 'print JSON')
    .action((pubkeyText: string, options: JsonOption) => {
      const pubkey = parsePubkey(pubkeyText);
      if (!pubkey) throw new GridError('invalid_argument', "A key looks like 'lob1' followed by 64 hex digits.");
      const book = openPeerBook();
      // Taken away first, so that it can be told what was removed; who is not to be there at all is no friend either.
      const removed = book.directory.remove(pubkey);
      endFriendship(pubkey, book);
      if (!removed) throw new GridError('invalid_argument', 'There is no peer with this key.');
      if (options.json) sayJson({ removed });
      else
        say(
          `Removed. To undo: lobstah peers add ${removed.pubkey} ${removed.url}${removed.label ? ` '${removed.label}'` : ''}`,
        );
    });

  for (const [name, blocked] of [
    ['block', true],
    ['unblock', false],
  ] as const)
    peers
      .command(name)
      .description(blocked ? 'neither ask nor serve this key, whoever names it' : 'take a block back')
      .argument('<pubkey>', 'its key')
      .option('--json', 'print JSON')
      .action((pubkeyText: string, options: JsonOption) => {
        const pubkey = parsePubkey(pubkeyText);
        if (!pubkey) throw new GridError('invalid_argument', "A key looks like 'lob1' followed by 64 hex digits.");
        const { directory, ownPubkey } = openPeerBook();
        if (pubkey === ownPubkey) throw new GridError('invalid_argument', 'This is the key of this machine.');
        if (!directory.setBlocked(pubkey, blocked))
          throw new GridError('invalid_argument', 'There is no peer with this key.');
        if (options.json) sayJson({ pubkey, blocked });
        else
          say(
            `${blocked ? 'Blocked' : 'No longer blocked'}: ${shortPubkey(pubkey)}. A running Lobstah knows it at once.`,
          );
      });

  peers
    .command('list')
    .description('who is known, and who answers (asks the running router)')
    .option('--long', 'one line for everything that is known of each')
    .option('--json', 'print JSON')
    .action(async (options: JsonOption & { long?: boolean }) => {
      const asked = await readRouter<{ peers: PeerJson[] }>(routerUrlOf(), '/peers').catch((error: unknown) => {
        if (error instanceof GridError && error.code === 'not_running') return undefined;
        throw error;
      });
      const rows: PeerJson[] =
        asked?.peers ??
        openPeerBook()
          .directory.list()
          .map(({ pubkey, url, label, blocked, source, found, circle }) => ({
            pubkey,
            url,
            ...(label === undefined ? {} : { label }),
            own: false,
            circle: circle ?? null,
            sources: [...(source === 'static' ? ['static'] : []), ...(found?.sources ?? [])],
            addresses: [url, ...(found?.urls ?? [])],
            announcedAtMs: found?.announcedAtMs ?? null,
            state: blocked ? 'blocked' : 'not asked (no router runs)',
            models: [],
            latencyMs: null,
          }));
      if (options.json) sayJson({ count: rows.length, peers: rows });
      else if (rows.length === 0) say("No peers yet. 'lobstah peers add KEY URL' adds one.");
      else if (options.long) say(rows.map((row) => longText(row, Date.now())).join('\n\n'));
      else say(table([header(), ...rows.map((row) => cells(row, Date.now()))]));
    });

  addPeersSync(peers);
}

const header = () =>
  ['LABEL', 'KEY', 'ADDRESS', 'REACHED', 'SOURCE', 'STATE', 'MODELS'].map((title) => paint('dim', title));

const SOURCE_WORDS: Readonly<Record<string, string>> = { static: 'by hand', lan: 'local network', nostr: 'Nostr' };

/** Who knows it, and how old its own word is. */
function sourceText({ own, circle, sources = [], announcedAtMs }: PeerJson, nowMs: number): string {
  if (own) return 'own';
  if (circle) return circle === 'device' ? 'own device' : 'friend';
  const names = sources.map((name) => SOURCE_WORDS[name] ?? name).join(' + ');
  return announcedAtMs == null ? names || 'by hand' : `${names}, ${ageText(nowMs - announcedAtMs)} ago`;
}

function ageText(ms: number): string {
  const minutes = Math.round(Math.max(0, ms) / 60_000);
  return minutes < 1 ? 'a moment' : minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

function cells(peer: PeerJson, nowMs: number): string[] {
  return [
    peer.label ?? '–',
    shortPubkey(peer.pubkey),
    shortAddress(peer.url),
    pathText(peer),
    sourceText(peer, nowMs),
    stateText(peer),
    peer.models.join(', ') || '–',
  ];
}

/** Its key stands beside it: of an overlay address only the kind is news. */
const shortAddress = (url: string) => (url.startsWith('iroh:') ? `iroh:${url.slice(5, 9)}…` : url);

function stateText(peer: PeerJson): string {
  const state = peer.latencyMs === null ? peer.state : `${peer.state}, ${peer.latencyMs} ms`;
  return peer.problem ? `${state}: ${peer.problem}` : state;
}

function longText(peer: PeerJson, nowMs: number): string {
  return [
    paint('bold', peer.label ?? shortPubkey(peer.pubkey)),
    `  key        ${peer.pubkey}`,
    `  addresses  ${[...new Set([peer.url, ...(peer.addresses ?? [])])].join(', ')}`,
    `  reached    ${pathText(peer)}`,
    `  source     ${sourceText(peer, nowMs)}`,
    `  state      ${stateText(peer)}`,
    `  models     ${peer.models.join(', ') || '–'}`,
  ].join('\n');
}
