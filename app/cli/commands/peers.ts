import type { Command } from 'commander';
import { openDirectory, type Directory } from '../../peers/directory.ts';
import { GridError } from '../../protocol/errors.ts';
import { parsePubkey, shortPubkey } from '../../protocol/pubkey.ts';
import { parseNewPeer } from '../../runtime/commands/peer-commands.ts';
import { findHome, openHome } from '../../runtime/home.ts';
import { openIdentityFile } from '../../runtime/identity-file.ts';
import { readRouter, routerUrlOf } from '../router-client.ts';
import { homeDisk } from '../../runtime/home-disk.ts';
import { pathText } from '../path-text.ts';
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
  state: string;
  problem?: string;
  models: string[];
  latencyMs: number | null;
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
      const { directory, ownPubkey } = open();
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
      const removed = open().directory.remove(pubkey);
      if (!removed) throw new GridError('invalid_argument', 'There is no peer with this key.');
      if (options.json) sayJson({ removed });
      else
        say(
          `Removed. To undo: lobstah peers add ${removed.pubkey} ${removed.url}${removed.label ? ` '${removed.label}'` : ''}`,
        );
    });

  peers
    .command('list')
    .description('who is known, and who answers (asks the running router)')
    .option('--json', 'print JSON')
    .action(async (options: JsonOption) => {
      const asked = await readRouter<{ peers: PeerJson[] }>(routerUrlOf(), '/peers').catch((error: unknown) => {
        if (error instanceof GridError && error.code === 'not_running') return undefined;
        throw error;
      });
      const rows: PeerJson[] =
        asked?.peers ??
        open()
          .directory.list()
          .map(({ pubkey, url, label, blocked }) => ({
            pubkey,
            url,
            ...(label === undefined ? {} : { label }),
            own: false,
            state: blocked ? 'blocked' : 'not asked (no router runs)',
            models: [],
            latencyMs: null,
          }));
      if (options.json) sayJson({ count: rows.length, peers: rows });
      else if (rows.length === 0) say("No peers yet. 'lobstah peers add KEY URL' adds one.");
      else say(table([header(), ...rows.map(cells)]));
    });
}

const header = () => ['LABEL', 'KEY', 'ADDRESS', 'REACHED', 'STATE', 'MODELS'].map((title) => paint('dim', title));

function cells(peer: PeerJson): string[] {
  const state = peer.latencyMs === null ? peer.state : `${peer.state}, ${peer.latencyMs} ms`;
  return [
    peer.label ?? '–',
    shortPubkey(peer.pubkey),
    shortAddress(peer.url),
    pathText(peer),
    peer.problem ? `${state}: ${peer.problem}` : state,
    peer.models.join(', ') || '–',
  ];
}

/** Its key stands beside it: of an overlay address only the kind is news. */
const shortAddress = (url: string) => (url.startsWith('iroh:') ? `iroh:${url.slice(5, 9)}…` : url);

function open(): { directory: Directory; ownPubkey: ReturnType<typeof parsePubkey> & string } {
  const home = findHome(process.env);
  openHome(home);
  const { identity } = openIdentityFile(home.identityFile);
  return { directory: openDirectory(home.peersFile, homeDisk), ownPubkey: identity.publicKey };
}
