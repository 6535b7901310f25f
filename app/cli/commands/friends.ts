import type { Command } from 'commander';
import { GridError } from '../../protocol/errors.ts';
import type { Circle } from '../../protocol/invite.ts';
import { shortPubkey } from '../../protocol/pubkey.ts';
import { openSettingsFile } from '../../runtime/settings.ts';
import { controlCommand } from '../control-client.ts';
import { parseDuration } from '../durations.ts';
import { withFriendDesk } from '../open-friend-desk.ts';
import { openPeerBook } from '../open-peer-book.ts';
import { number, paint, say, sayJson, table } from '../terminal.ts';
import { addDecisions, addMake, findOne, parseLimit } from './invite.ts';

interface JsonOption {
  json?: boolean;
}

export function addFriends(program: Command): void {
  const friends = program.command('friends').description('who may use this machine beyond your gift to strangers');
  addList(friends, 'friend');
  addRemove(friends, 'friend');

  friends
    .command('set')
    .description('change what a friend may have, until when, or what you call it')
    .argument('<pubkey>', 'its key, or the beginning of it')
    .option('--limit <tokens>', 'what it may have a day beyond its own credit')
    .option('--for <time>', 'the friendship ends by itself after this time: 30d; or never')
    .option('--label <name>', 'what you call it')
    .option('--json', 'print JSON')
    .action((text: string, options: JsonOption & { limit?: string; for?: string; label?: string }) =>
      withFriendDesk((_desk, { friends: book }) => {
        const friend = findOne(book.list(), text, 'is a friend');
        const tokensPerDay = parseLimit(options.limit);
        const changes = {
          ...(tokensPerDay === undefined ? {} : { tokensPerDay }),
          ...(options.for === undefined ? {} : { untilMs: untilMs(options.for) }),
          ...(options.label === undefined ? {} : { label: options.label.trim().slice(0, 80) }),
        };
        if (Object.keys(changes).length === 0)
          throw new GridError('invalid_argument', "Say what to change: '--limit', '--for' or '--label'.");
        book.change(friend.pubkey, changes);
        if (options.json) sayJson({ changed: friend.pubkey, ...changes });
        else say('Changed. It holds at once.');
      }),
    );

  const only = friends.command('only').description('private mode: serve friends and your own devices, nobody else');
  for (const [word, on] of [
    ['on', true],
    ['off', false],
  ] as const)
    only
      .command(word)
      .description(on ? 'nobody but friends and devices is served from now on' : 'strangers are served again')
      .option('--json', 'print JSON')
      .action(async (options: JsonOption) => {
        await setFriendsOnly(on);
        if (options.json) sayJson({ friendsOnly: on });
        else if (on) say('From now on this machine serves friends and your own devices only. Nobody is told of it.');
        else say('From now on strangers are served too, as far as your gift and their credit go.');
      });
}

export function addDevices(program: Command): void {
  const devices = program
    .command('devices')
    .description('your own other machines: free both ways, asked first')
    .addHelpText(
      'after',
      `
Join two machines of yours:
  lobstah devices add                on one of them; it prints a link
  lobstah devices accept LINK        on the other
  lobstah devices confirm KEY        on the first again, when 'lobstah devices list' shows who waits
A device costs nothing, earns nothing, and is asked before everybody else. Join machines of your own only.`,
    );
  addMake(devices.command('add').description('make the link that joins another machine of yours'), 'device');
  addDecisions(devices, 'device');
  addRemove(devices, 'device');
  addList(devices, 'device', 'joined');
}

function addList(command: Command, circle: Circle, word = 'list'): void {
  command
    .command(word)
    .description(circle === 'friend' ? 'your friends and their limits' : 'the machines that are joined')
    .option('--json', 'print JSON')
    .action((options: JsonOption) => {
      const rows = openPeerBook()
        .friends.list()
        .filter((friend) => friend.circle === circle);
      if (options.json)
        sayJson(
          rows.map(({ pubkey, label, sinceMs, untilMs: until, tokensPerDay }) => ({
            pubkey,
            label,
            sinceMs,
            untilMs: until,
            ...(circle === 'friend' ? { tokensPerDay } : {}),
          })),
        );
      else if (rows.length === 0)
        say(
          circle === 'friend'
            ? "No friends yet. 'lobstah invite' makes a link for one."
            : "No other machine is joined. 'lobstah devices add' makes a link for one.",
        );
      else
        say(
          table([
            ['NAME', 'KEY', 'SINCE', circle === 'friend' ? 'TOKENS A DAY' : 'COST', 'UNTIL'].map((title) =>
              paint('dim', title),
            ),
            ...rows.map(({ pubkey, label, sinceMs, untilMs: until, tokensPerDay }) => [
              label || shortPubkey(pubkey),
              pubkey.slice(0, 20),
              new Date(sinceMs).toLocaleDateString(),
              circle === 'friend' ? number(tokensPerDay) : 'free',
              until === null ? 'you end it' : new Date(until).toLocaleDateString(),
            ]),
          ]),
        );
    });
}

function addRemove(command: Command, circle: Circle): void {
  command
    .command('remove')
    .description('end it at once; what runs for it is ended too')
    .argument('<pubkey>', 'its key, or the beginning of it')
    .option('--json', 'print JSON')
    .action((text: string, options: JsonOption) =>
      withFriendDesk((desk, { friends }) => {
        const rows = friends.list().filter((friend) => friend.circle === circle);
        const { pubkey, label } = findOne(rows, text, circle === 'friend' ? 'is a friend' : 'is a device of yours');
        desk.end(pubkey);
        if (options.json) sayJson({ removed: pubkey });
        else say(`${label || shortPubkey(pubkey)} is a stranger again. What stands in the ledger stays.`);
      }),
    );
}

/** By the running Lobstah, which acts at once; else in its settings. */
export async function setFriendsOnly(on: boolean): Promise<void> {
  try {
    await controlCommand('setFriendsOnly', { on });
  } catch (error) {
    if (!(error instanceof GridError) || error.code !== 'not_running') throw error;
    openSettingsFile(openPeerBook().home.settingsFile).change((settings) => ({
      ...settings,
      sharing: { ...settings.sharing, friendsOnly: on },
    }));
  }
}

function untilMs(text: string): number | null {
  return text === 'never' ? null : Date.now() + parseDuration(text);
}
