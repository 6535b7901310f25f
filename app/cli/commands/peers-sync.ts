import type { Command } from 'commander';
import { Agent } from 'undici';
import { syncOnce } from '../../peers/sync-once.ts';
import type { FoundPeer } from '../../peers/sources/peer-source.ts';
import { writeSynced } from '../../peers/sources/synced-file.ts';
import { shortPubkey } from '../../protocol/pubkey.ts';
import { parseTrackerUrl } from '../../runtime/commands/finding-commands.ts';
import { homeDisk } from '../../runtime/home-disk.ts';
import { openPeerBook } from '../open-peer-book.ts';
import { interruptSignal, paint, say, sayJson, table } from '../terminal.ts';

const HELP = `
Asks the tracker once for its list. It learns your IP address and nothing else. Every entry must carry the signature
of the key it names, be fresh, and lead to an address on the internet (or, with 'peers.allowPrivateAnnounced' in
settings.json, on your own network). What is found is kept for a day; 'peers remove' and a block hold for ever.`;

export function addPeersSync(peers: Command): void {
  peers
    .command('sync')
    .description('read the list of a tracker once, and verify every entry')
    .argument('<tracker>', 'its address: http://host:17476')
    .option('--json', 'print JSON')
    .addHelpText('after', HELP)
    .action(sync);
}

async function sync(trackerText: string, options: { json?: boolean }): Promise<void> {
  const tracker = parseTrackerUrl(trackerText);
  const { home, directory, refusals, ownPubkey, policy } = openPeerBook();
  const dispatcher = new Agent({ connect: { timeout: 5_000 } });
  const syncedAtMs = Date.now();
  try {
    const report = await syncOnce(tracker, {
      dispatcher,
      known: directory.list(),
      isRefused: (pubkey) => refusals.get(pubkey) !== undefined,
      policy,
      ownPubkey,
      nowMs: Date.now,
      random: Math.random,
      signal: interruptSignal(),
    });
    writeSynced(home.foundPeersFile, homeDisk, { tracker, syncedAtMs, peers: report.signed });
    const { signed: _, ...shown } = report;
    if (options.json) {
      sayJson({ tracker, ...shown });
      return;
    }
    say(
      `${report.added.length} added, ${report.updated.length} updated, ${report.unchanged.length} known, ${report.refused.length} refused.`,
    );
    if (report.beyond > 0) say(`${report.beyond} more are good, but a list this long is not kept whole.`);
    const rows = [...rowsOf(report.added, '+'), ...rowsOf(report.updated, '~')];
    if (rows.length > 0) say(table(rows));
    for (const { pubkey, reason } of report.refused)
      say(`${paint('red', '✗')} ${pubkey ? shortPubkey(pubkey) : 'an entry'}: ${reason}`);
  } finally {
    await dispatcher.close();
  }
}

function rowsOf(peers: readonly FoundPeer[], sign: string): string[][] {
  return peers.map(({ pubkey, url, label, models }) => [
    paint('green', sign),
    label ?? '–',
    shortPubkey(pubkey),
    url,
    models.join(', ') || '–',
  ]);
}
