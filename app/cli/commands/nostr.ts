import type { Command } from 'commander';
import { GridError } from '../../protocol/errors.ts';
import { collect } from '../arguments.ts';
import { openFindingHome, type FindingHome } from '../change-finding.ts';
import { paint, say, sayJson } from '../terminal.ts';

interface JsonOption {
  json?: boolean;
}

interface OnOptions extends JsonOption {
  relay?: string[];
  announce?: boolean;
  find?: boolean;
  publishReceipts?: boolean;
  url?: string;
  label?: string;
}

const HELP = `
Three switches over one list of relays; none implies another, and without one nothing is connected:
  --announce          while you share, tells the relays and so everybody: your key, the address of --url, the label, the names of
                      your shared models, every two and a half minutes. Switching off asks the relays to delete it; not all do.
  --find              asks the relays who is there. They learn your IP address. Peers from it are asked how they are.
  --publish-receipts  publishes every receipt you sign for others: both keys, model, token counts and times. Public for ever.
Every relay that is connected to learns your IP address.

Examples:
  lobstah nostr on --relay wss://relay.example --find
  lobstah nostr on --relay wss://relay.example --announce --url https://mac.example:17474 --find`;

export function addNostr(program: Command): void {
  const nostr = program
    .command('nostr')
    .description('be found and find peers on Nostr relays (off until you turn it on)')
    .addHelpText('after', HELP);

  nostr
    .command('on')
    .description('exactly the switches that are given; those left out are off')
    .requiredOption('--relay <url>', 'a relay: wss://…; may be repeated', collect)
    .option('--announce', 'be found there')
    .option('--find', 'find others there')
    .option('--publish-receipts', 'publish receipts there')
    .option('--url <url>', "where others reach this worker (default: as given for trackers with 'Announce this Mac')")
    .option('--label <label>', 'the name others see (default: none)')
    .option('--json', 'print JSON')
    .action(async ({ relay = [], announce, find, publishReceipts, url, label, json }: OnOptions) => {
      if (!announce && !find && !publishReceipts)
        throw new GridError('invalid_argument', "Say what for: '--announce', '--find', '--publish-receipts'.");
      const home = openFindingHome();
      await home.setNostr({
        state: 'on',
        relays: relay,
        announce: announce ?? false,
        find: find ?? false,
        publishReceipts: publishReceipts ?? false,
        url: url ?? '',
        label: (label ?? '').trim().slice(0, 40),
      });
      await report(home, json);
    });

  nostr
    .command('off')
    .description('takes back what was announced, forgets what was found, closes every connection')
    .option('--json', 'print JSON')
    .action(async ({ json }: JsonOption) => {
      const home = openFindingHome();
      await home.setNostr({ state: 'off' });
      await report(home, json);
    });

  nostr
    .command('status')
    .description('what is on, and how each relay is')
    .option('--json', 'print JSON')
    .action(({ json }: JsonOption) => report(openFindingHome(), json));
}

async function report(home: FindingHome, json: boolean | undefined): Promise<void> {
  const running = (await home.view())?.nostr;
  const wish = home.settings().nostr;
  if (json) {
    sayJson(running ?? wish);
    return;
  }
  if (wish.state === 'off') {
    say('Nostr is off: no relay is connected to.');
    return;
  }
  const switches = [
    wish.announce ? 'announced' : undefined,
    wish.find ? 'finding peers' : undefined,
    wish.publishReceipts ? 'publishing receipts' : undefined,
  ].filter((word) => word !== undefined);
  say(`Nostr is on: ${switches.join(', ')}.${running?.state === 'on' ? ` ${running.sentence}` : ''}`);
  const relays = running?.state === 'on' ? running.relays : wish.relays.map((url) => ({ url, problem: undefined }));
  for (const relay of relays) say(`  ${relay.url}${relay.problem == null ? '' : `  ${paint('red', relay.problem)}`}`);
  if (!running) say(paint('dim', "It holds for what runs on this home; 'lobstah up' shows how the relays are."));
}
