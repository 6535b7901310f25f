import type { Command } from 'commander';
import type { AnnounceWish } from '../peers/announcer.ts';
import { GridError } from '../protocol/errors.ts';
import { parseAnnouncedAddress, parseTrackerUrl } from '../runtime/commands/finding-commands.ts';
import { collect } from './arguments.ts';

export interface AnnounceOptions {
  announceTo?: string[];
  announceUrl?: string;
  announceLabel?: string;
}

const HELP = `
Announcing is off unless '--announce-to' is given (or switched on in settings). It tells the tracker, and through it
everybody: your public key, the address of '--announce-url', the label, the shared models and the tier, every two and
a half minutes. Ctrl-C takes it back.`;

export function addAnnounceOptions(command: Command): Command {
  return command
    .option(
      '--announce-to <tracker>',
      'tell this tracker where this worker is; may be repeated (default: nobody)',
      collect,
    )
    .option(
      '--announce-url <url>',
      'where others reach this worker, for example https://mac.example:17474, or the key of this machine',
    )
    .option('--announce-label <label>', 'the name others see (default: none)')
    .addHelpText('after', HELP);
}

/**
 * @returns undefined when the command line says nothing: then settings decide
 * @throws GridError invalid_argument
 */
export function parseAnnounce({ announceTo, announceUrl, announceLabel }: AnnounceOptions): AnnounceWish | undefined {
  if (!announceTo) {
    if (announceUrl === undefined && announceLabel === undefined) return undefined;
    throw new GridError('invalid_argument', "'--announce-url' and '--announce-label' need '--announce-to TRACKER'.");
  }
  if (announceUrl === undefined)
    throw new GridError(
      'invalid_argument',
      "'--announce-to' needs '--announce-url URL': where others reach this worker.",
    );
  return {
    state: 'on',
    trackers: [...new Set(announceTo.map(parseTrackerUrl))],
    url: parseAnnouncedAddress(announceUrl, "The address of '--announce-url'"),
    label: (announceLabel ?? '').trim().slice(0, 40),
  };
}
