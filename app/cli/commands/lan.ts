import type { Command } from 'commander';
import { openFindingHome, type FindingHome } from '../change-finding.ts';
import { paint, say, sayJson } from '../terminal.ts';

interface JsonOption {
  json?: boolean;
}

const HELP = `
Two switches for the network you are in, by mDNS (_lobstah._tcp); no tracker and nothing outside is involved:
  --announce  while you share, opens the worker at this machine's address on the local network and tells everybody there your key
              and that address. Whoever is in the network can send requests; what they get is decided as for every stranger.
  --find      asks the network who is there, and those who answer for a proof of their key.
Between neighbours prompts and answers travel unencrypted: whoever can read along in the network can read them.

Examples:
  lobstah lan on                 both
  lobstah lan on --find          find others, stay unseen`;

export function addLan(program: Command): void {
  const lan = program
    .command('lan')
    .description('be found and find peers on the local network (off until you turn it on)')
    .addHelpText('after', HELP);

  lan
    .command('on')
    .description('both switches, or exactly those that are given')
    .option('--announce', 'be found and reached there')
    .option('--find', 'find others there')
    .option('--json', 'print JSON')
    .action(async ({ announce, find, json }: JsonOption & { announce?: boolean; find?: boolean }) => {
      const home = openFindingHome();
      const both = !announce && !find;
      await home.setLan({ state: 'on', announce: both || announce === true, find: both || find === true });
      await report(home, json);
    });

  lan
    .command('off')
    .description('says goodbye, closes the address on the local network, forgets neighbours')
    .option('--json', 'print JSON')
    .action(async ({ json }: JsonOption) => {
      const home = openFindingHome();
      await home.setLan({ state: 'off' });
      await report(home, json);
    });

  lan
    .command('status')
    .description('what is on, and where neighbours reach this machine')
    .option('--json', 'print JSON')
    .action(({ json }: JsonOption) => report(openFindingHome(), json));
}

async function report(home: FindingHome, json: boolean | undefined): Promise<void> {
  const running = (await home.view())?.lan;
  const wish = home.settings().lan;
  if (json) {
    sayJson(running ?? wish);
    return;
  }
  if (wish.state === 'off') {
    say('The local network is off: nothing is said or open there.');
    return;
  }
  const switches = [wish.announce ? 'announced' : undefined, wish.find ? 'finding neighbours' : undefined];
  say(`The local network is on: ${switches.filter((word) => word !== undefined).join(', ')}.`);
  if (running?.state === 'on' && running.sentence !== '') say(`  ${running.sentence}`);
  if (!running) say(paint('dim', "It holds for what runs on this home; 'lobstah up' shows who is found."));
}
