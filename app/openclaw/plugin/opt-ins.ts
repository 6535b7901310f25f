import { baseUrlProblem } from './base-url.ts';
import { GridClientError, type GridClient } from './grid-client.ts';
import type { Prompter } from './openclaw-api.ts';

const MOST_LABEL = 40;

/** What the owner said yes to, as the command of the control socket that does it and the one a person would type. */
interface OptIn {
  readonly command: 'setAnnounce' | 'setTrackerSync';
  readonly args: object;
  readonly done: string;
  readonly typed: string;
}

/**
 * Asks for both opt-ins, each with what leaves the machine, each 'no' unless the owner says otherwise. A yes is acted upon
 * at once; where Lobstah does not run, the owner is told what to type when it does.
 */
export async function askOptIns(prompter: Prompter, grid: GridClient): Promise<void> {
  const wanted = [await askAnnounce(prompter), await askSync(prompter)].filter((optIn) => optIn !== undefined);
  for (const { command, args, done, typed } of wanted) {
    try {
      await grid.command(command, args);
      await prompter.note(done, 'Lobstah');
    } catch (error) {
      if (!(error instanceof GridClientError)) throw error;
      await prompter.note(
        `${error.message}\nNothing was changed. When Lobstah runs ('lobstah up', or open the app), type:\n  ${typed}`,
        'Lobstah',
      );
    }
  }
}

async function askAnnounce(prompter: Prompter): Promise<OptIn | undefined> {
  const yes = await prompter.confirm({
    message:
      'Announce this machine on a public tracker, so that others can use it? Its key, address, label and shared models become public.',
    initialValue: false,
  });
  if (!yes) return undefined;
  const tracker = await askUrl(prompter, 'Address of the tracker', 'https://tracker.example.com');
  const url = await askUrl(prompter, 'Address at which others reach your worker', 'http://your-public-host:17474');
  const label = (await prompter.text({ message: 'A label for others to see (may be empty)' }))
    .trim()
    .slice(0, MOST_LABEL);
  return {
    command: 'setAnnounce',
    args: { state: 'on', trackers: [tracker], url, label },
    done: `Announced on ${tracker} while you share. The app's settings switch it off.`,
    typed: `lobstah worker start --announce-to ${tracker} --announce-url ${url}${label ? ` --announce-label ${quoted(label)}` : ''}`,
  };
}

async function askSync(prompter: Prompter): Promise<OptIn | undefined> {
  const yes = await prompter.confirm({
    message:
      'Look for peers on a public tracker? The tracker sees your IP address, and each peer that is asked sees your key and the prompt.',
    initialValue: false,
  });
  if (!yes) return undefined;
  const tracker = await askUrl(prompter, 'Address of the tracker', 'https://tracker.example.com');
  return {
    command: 'setTrackerSync',
    args: { state: 'on', trackers: [tracker] },
    done: `Peers are looked for on ${tracker}. The app's settings switch it off.`,
    typed: `lobstah peers sync ${tracker}`,
  };
}

async function askUrl(prompter: Prompter, message: string, placeholder: string): Promise<string> {
  const text = await prompter.text({ message, placeholder, validate: baseUrlProblem });
  return text.trim().replace(/\/+$/, '');
}

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;
