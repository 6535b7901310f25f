import type { Command } from 'commander';
import { renderUnicodeCompact } from 'uqr';
import type { OpenInvite } from '../../peers/friends-file.ts';
import { GridError } from '../../protocol/errors.ts';
import type { Circle } from '../../protocol/invite.ts';
import { parsePubkey, shortPubkey, type Pubkey } from '../../protocol/pubkey.ts';
import type { AcceptWish, AskedState, FriendDesk, MadeInvite } from '../../runtime/friend-desk.ts';
import { controlCommand } from '../control-client.ts';
import { agoText, parseDuration } from '../durations.ts';
import { withFriendDesk } from '../open-friend-desk.ts';
import { interruptSignal, paint, say, sayJson, table } from '../terminal.ts';

interface JsonOption {
  json?: boolean;
}

interface MakeOptions extends JsonOption {
  expires: string;
  label?: string;
  limit?: string;
  friendFor?: string;
  address?: string[];
  qr?: boolean;
}

interface AcceptOptions extends JsonOption {
  label?: string;
  limit?: string;
  address?: string[];
  wait?: boolean;
}

const ASK_AGAIN_MS = 2_000;
const WORD: Record<Circle, string> = { friend: 'a friend', device: 'a device of yours' };

const collect = (value: string, before: string[] | undefined) => [...(before ?? []), value];

/** `lobstah invite`: one link for one person. */
export function addInvite(program: Command): void {
  const invite = program
    .command('invite')
    // `invite accept LINK --label Ben`: the label is that of `accept`.
    .enablePositionalOptions()
    .description('make a link that makes somebody a friend; you confirm who redeemed it')
    .addHelpText(
      'after',
      `
A link is for one key: the first to redeem it is shown to you ('lobstah invite list') and becomes a friend when you
confirm. Friends may use this machine beyond your gift to strangers, up to a limit of their own, and you theirs.
Give the link away by a channel you trust: whoever redeems it first is who you are asked about.`,
    );
  addMake(invite, 'friend');
  addDecisions(invite, 'friend');
}

/** The same for another machine of the owner. */
export function addMake(command: Command, circle: Circle): void {
  command
    .option('--expires <time>', 'how long the link holds: 30m, 12h, 7d', '7d')
    .option('--label <name>', 'what this machine is called on the other side (default: the name of this computer)')
    .option('--address <url>', 'where the other side reaches your worker; may be given up to four times', collect)
    .option('--qr', 'also print the link as a QR code')
    .option('--json', 'print JSON');
  if (circle === 'friend')
    command
      .option('--limit <tokens>', 'what the friend may have a day beyond its own credit (default: 200000)')
      .option('--friend-for <time>', 'the friendship ends by itself after this time: 30d');
  command.action(async (options: MakeOptions) => {
    const made = await withFriendDesk((desk) =>
      desk.invite({
        circle,
        label: options.label,
        expiresInMs: parseDuration(options.expires),
        tokensPerDay: parseLimit(options.limit),
        friendUntilMs: options.friendFor === undefined ? null : Date.now() + parseDuration(options.friendFor),
        addresses: options.address,
      }),
    );
    if (options.json) sayJson(made);
    else report(made, circle, options.qr === true);
  });
}

function report(made: MadeInvite, circle: Circle, qr: boolean): void {
  const name = circle === 'friend' ? 'invite' : 'devices';
  say(made.link);
  if (qr) say(`\n${renderUnicodeCompact(made.link)}`);
  say();
  say(`Whoever redeems it first ('lobstah ${name} accept LINK') waits until you say yes: 'lobstah ${name} list'.`);
  say(`It holds until ${new Date(made.expiresAtMs).toLocaleString()}, for one key, and is not shown again.`);
  if (made.addresses.length === 0)
    say(paint('yellow', "No worker runs, so the link names no address: give one with '--address http://HOST:17474'."));
  else if (made.onlyHere)
    say(paint('yellow', `It leads to ${made.addresses.join(', ')}, which nobody else can reach: add '--address URL'.`));
}

/** accept, list, confirm, refuse, withdraw: the same words for friends and for devices. */
export function addDecisions(command: Command, circle: Circle): void {
  command
    .command('accept')
    .description(circle === 'friend' ? 'redeem the link of a friend' : 'redeem the link of your other machine')
    .argument('<link>', 'lobstah:invite?…')
    .option('--label <name>', 'what this machine is called on the other side (default: the name of this computer)')
    .option('--limit <tokens>', 'what the friend may have here a day beyond its own credit (default: 200000)')
    .option('--address <url>', 'where the other side reaches your worker; may be given up to four times', collect)
    .option('--wait', 'wait until its maker has decided')
    .option('--json', 'print JSON')
    .action(async (link: string, options: AcceptOptions) => {
      const interrupted = interruptSignal();
      await withFriendDesk(async (desk, { friends }) => {
        const { inviterPubkey, label, inviteId } = desk.read(link);
        let answer = await accept(desk, link, {
          circle,
          label: options.label,
          tokensPerDay: parseLimit(options.limit),
          addresses: options.address,
        });
        while (options.wait && (answer.state === 'waiting' || answer.state === 'unreachable')) {
          await pause(ASK_AGAIN_MS, interrupted);
          const asked = friends.asked().find((one) => one.inviteId === inviteId);
          // A running Lobstah asks too, and may have heard first.
          if (asked) answer = await desk.ask(asked);
          else answer = { state: friends.find(inviterPubkey) ? 'accepted' : 'refused', problem: undefined };
        }
        const name = label || shortPubkey(inviterPubkey);
        if (options.json) sayJson({ ...answer, problem: answer.problem ?? null, pubkey: inviterPubkey, label });
        else say(sentenceOf(answer, name, inviterPubkey, circle));
      });
    });

  command
    .command('list')
    .description('open links, who waits for you, and whom you wait for')
    .option('--json', 'print JSON')
    .action((options: JsonOption) => withFriendDesk((_desk, { friends }) => list(friends, circle, options)));

  for (const [word, description] of [
    ['confirm', `say yes: it becomes ${WORD[circle]}`],
    ['refuse', 'say no; the link is used up'],
  ] as const)
    command
      .command(word)
      .description(description)
      .argument('<pubkey>', 'its key, or the beginning of it, as the list shows it')
      .option('--json', 'print JSON')
      .action((text: string, options: JsonOption) =>
        withFriendDesk((desk, { friends }) => {
          const waiting = waitingFor(friends, circle);
          const by = findOne(waiting, text, 'waits to be confirmed');
          if (word === 'confirm') desk.confirm({ pubkey: by.pubkey, circle });
          else friends.refuse({ pubkey: by.pubkey, circle });
          if (options.json) sayJson({ [word === 'confirm' ? 'confirmed' : 'refused']: by.pubkey });
          else if (word === 'confirm') say(`${by.label || shortPubkey(by.pubkey)} is ${WORD[circle]} now.`);
          else say(`${by.label || shortPubkey(by.pubkey)} was refused.`);
        }),
      );

  command
    .command('withdraw')
    .description('make a link worthless that nobody has redeemed yet')
    .argument('<id>', 'its number, as the list shows it')
    .action((text: string) =>
      withFriendDesk((_desk, { friends }) => {
        const open = friends.invites().filter(({ state, inviteId }) => state === 'open' && inviteId.startsWith(text));
        const [only] = open;
        if (!only || open.length > 1 || !friends.withdraw(only.inviteId))
          throw new GridError(
            'invalid_argument',
            `There is no one open invite that begins with '${text.slice(0, 40)}'.`,
          );
        say('Withdrawn.');
      }),
    );
}

/** By the running Lobstah, which has the overlay; else from here. */
async function accept(desk: FriendDesk, link: string, wish: AcceptWish): Promise<AskedState> {
  try {
    const addresses = wish.addresses && [...wish.addresses];
    return (await controlCommand('acceptInvite', { ...wish, link, addresses })) as AskedState;
  } catch (error) {
    if (!(error instanceof GridError) || error.code !== 'not_running') throw error;
    return desk.accept(link, wish);
  }
}

type Listed = Parameters<Parameters<typeof withFriendDesk>[0]>[1]['friends'];

/** Each key once, however many links it has redeemed. */
function waitingFor(friends: Listed, circle: Circle): NonNullable<OpenInvite['by']>[] {
  const waiting = friends
    .invites()
    .flatMap(({ state, by, circle: kind }) => (state === 'asked' && by && kind === circle ? [by] : []));
  return [...new Map(waiting.map((by) => [by.pubkey, by])).values()];
}

function list(friends: Listed, circle: Circle, options: JsonOption): void {
  const nowMs = Date.now();
  const mine = friends.invites().filter((invite) => invite.circle === circle);
  const waiting = waitingFor(friends, circle);
  const open = mine.filter(({ state, expiresAtMs }) => state === 'open' && nowMs <= expiresAtMs);
  const asked = friends.asked().filter((one) => one.circle === circle);
  if (options.json) {
    sayJson({
      waiting: waiting.map(({ pubkey, label, addresses, atMs }) => ({ pubkey, label, addresses, atMs })),
      open: open.map(({ inviteId, createdAtMs, expiresAtMs }) => ({ inviteId, createdAtMs, expiresAtMs })),
      asked: asked.map(({ inviteId, inviterPubkey, label, atMs }) => ({
        inviteId,
        pubkey: inviterPubkey,
        label,
        atMs,
      })),
    });
    return;
  }
  const rows = [
    ...waiting.map(({ pubkey, label, atMs }) => [
      'waits for you',
      label || '–',
      pubkey.slice(0, 20),
      `${agoText(nowMs - atMs)} ago`,
    ]),
    ...asked.map(({ inviterPubkey, label, atMs }) => [
      'you wait for',
      label || '–',
      inviterPubkey.slice(0, 20),
      `${agoText(nowMs - atMs)} ago`,
    ]),
    ...open.map(({ inviteId, expiresAtMs }) => [
      'open link',
      '–',
      inviteId.slice(0, 8),
      `for another ${agoText(expiresAtMs - nowMs)}`,
    ]),
  ];
  if (rows.length === 0) say('Nobody waits, and no link is open.');
  else say(table([['STATE', 'CALLS ITSELF', 'KEY OR NUMBER', 'SINCE'].map((title) => paint('dim', title)), ...rows]));
}

function sentenceOf({ state, problem }: AskedState, name: string, pubkey: Pubkey, circle: Circle): string {
  const later = 'A running Lobstah asks again by itself; so does the same command.';
  if (state === 'accepted') return `${name} is ${WORD[circle]} now (${pubkey}).`;
  if (state === 'refused') return `${name} said no.`;
  if (state === 'waiting') return `Asked. ${name} has to confirm that it is you. ${later}`;
  return `${name} cannot be reached: ${problem ?? ''} ${later}`;
}

/** By the whole key, or by its beginning where that is enough. @throws GridError invalid_argument */
export function findOne<Row extends { pubkey: Pubkey }>(rows: readonly Row[], text: string, what: string): Row {
  const wanted = text.trim();
  const found = rows.filter(({ pubkey }) => pubkey === parsePubkey(wanted) || pubkey.startsWith(wanted));
  const [only] = found;
  if (only && found.length === 1 && wanted.length >= 8) return only;
  throw new GridError(
    'invalid_argument',
    found.length > 1
      ? `More than one key begins with '${wanted.slice(0, 40)}': give more of it.`
      : `Nobody with the key '${wanted.slice(0, 40)}' ${what}.`,
  );
}

/** @throws GridError invalid_argument */
export function parseLimit(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,10}$/.test(text) || Number(text) > 1_000_000_000)
    throw new GridError('invalid_argument', 'A limit is a whole number of tokens, at most 1000000000.');
  return Number(text);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        reject(signal.reason as Error);
      },
      { once: true },
    );
  });
}
