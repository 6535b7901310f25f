import type { Command } from 'commander';
import type { CommandArgs } from '../../contract/commands.ts';
import type { OverlayView } from '../../contract/snapshot.ts';
import { GridError } from '../../protocol/errors.ts';
import { parseOverlayWish } from '../../runtime/commands/overlay-commands.ts';
import { findHome, openHome } from '../../runtime/home.ts';
import { openSettingsFile } from '../../runtime/settings.ts';
import { parsePort } from '../arguments.ts';
import { controlCommand, controlSnapshot } from '../control-client.ts';
import { paint, say, sayJson } from '../terminal.ts';

interface JsonOption {
  json?: boolean;
}

const HELP = `
With the overlay on, peers that know this key reach this machine through NAT, over QUIC, encrypted from end to end, and this
machine reaches them. What it tells, and to whom:
  --relay public   servers of the makers of iroh learn your key, IP address and how much is sent, and publish under your key
                   which relay you use
  --relay URL      the same, but only to that relay
  --relay none     nobody: peers need an address with 'at=', which 'overlay status' prints
Peers you are connected with learn your IP address, unless --relay-only. Prompts and answers are read by nobody on the way.

Examples:
  lobstah overlay on
  lobstah overlay on --relay https://relay.example --relay-only
  lobstah peers add lob1…                 a key is an address now`;

/** The opt-in to reach peers by key. */
export function addOverlay(program: Command): void {
  const overlay = program
    .command('overlay')
    .description('reach peers by their key, through NAT (off until you turn it on)')
    .addHelpText('after', HELP);

  overlay
    .command('on')
    .description('reach peers by key, and be reached by it')
    .option('--relay <which>', "'public', 'none', or the URL of a relay", 'public')
    .option('--relay-only', 'never connect directly: peers do not learn the address of this machine')
    .option('--port <port>', 'UDP port (default: any free one)', parsePort)
    .option('--json', 'print JSON')
    .action((options: JsonOption & { relay: string; relayOnly?: boolean; port?: number }) =>
      change({ state: 'on', relay: options.relay, relayOnly: options.relayOnly ?? false, port: options.port }, options),
    );

  overlay
    .command('off')
    .description('close the connections and the socket; peers are reached at http and https addresses only')
    .option('--json', 'print JSON')
    .action((options: JsonOption) => change({ state: 'off' }, options));

  overlay
    .command('status')
    .description('is it on, and under which address is this machine reached')
    .option('--json', 'print JSON')
    .action(async (options: JsonOption) => {
      const running = await unlessNotRunning(controlSnapshot());
      if (running) report(running.overlay, options);
      else reportFile(options);
    });
}

async function change(args: CommandArgs<'setOverlay'>, options: JsonOption): Promise<void> {
  // Said before anything is asked: the same rules hold whether a Lobstah runs or not.
  const wish = parseOverlayWish(args);
  const done = await unlessNotRunning(controlCommand('setOverlay', args).then(() => controlSnapshot()));
  if (done) {
    report(done.overlay, options);
    return;
  }
  const home = findHome(process.env);
  openHome(home);
  openSettingsFile(home.settingsFile).change((settings) => ({ ...settings, overlay: wish }));
  reportFile(options);
}

/** `worker start` and `router start` have no door to ask at; they look at the settings. */
function reportFile(options: JsonOption): void {
  const home = findHome(process.env);
  const { overlay } = openSettingsFile(home.settingsFile).current();
  if (options.json) sayJson(overlay);
  else if (overlay.state === 'off') say('The overlay is off.');
  else say(`The overlay is on for what runs on this home; 'lobstah up' shows its address. Relay: ${overlay.relay}.`);
}

function report(overlay: OverlayView, options: JsonOption): void {
  if (options.json) sayJson(overlay);
  else if (overlay.state === 'off')
    say('The overlay is off: nothing is open, and peers are reached at addresses only.');
  else {
    say(overlay.sentence);
    if (overlay.address !== null) say(`  address  ${overlay.address}`);
    say(`  relay    ${overlay.relay}${overlay.relayOnly ? ', relay only' : ''}`);
    if (overlay.address !== null) say(paint('dim', 'Others add you with: lobstah peers add KEY ADDRESS'));
  }
  if (overlay.state === 'on' && overlay.problem !== null) process.exitCode = 1;
}

async function unlessNotRunning<Result>(asked: Promise<Result>): Promise<Result | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof GridError && error.code === 'not_running') return undefined;
    throw error;
  }
}
