import { configuredBaseUrl } from './base-url.ts';
import { GridClientError, type GridClient } from './grid-client.ts';
import { membersOf } from './model-rows.ts';
import type { ChatCommand, OpenclawConfig } from './openclaw-api.ts';

const USAGE = '/lobstah status, /lobstah balance, /lobstah share on, /lobstah share off';

/** `/lobstah` in a chat with openclaw. For people openclaw's owner allowed only, because it can switch sharing. */
export function chatCommand(grid: GridClient): ChatCommand {
  return {
    name: 'lobstah',
    description: 'Lobstah: status, balance, share on|off',
    acceptsArgs: true,
    requireAuth: true,
    async handler({ args, config }) {
      try {
        return { text: await answer(args?.trim().toLowerCase() || 'status', config, grid) };
      } catch (error) {
        if (!(error instanceof GridClientError)) throw error;
        return { text: `${error.message}\nStart it with 'lobstah up', or open the Lobstah app.` };
      }
    },
  };
}

async function answer(words: string, config: OpenclawConfig, grid: GridClient): Promise<string> {
  switch (words.replaceAll(/\s+/g, ' ')) {
    case 'status':
      return status(config, grid);
    case 'balance':
      return balance(config, grid);
    case 'share on':
      await grid.command('setSharing', { on: true });
      return sharingSentence(await grid.snapshot());
    case 'share off':
      await grid.command('setSharing', { on: false });
      return sharingSentence(await grid.snapshot());
    default:
      return `That is not something to ask Lobstah for. There is: ${USAGE}`;
  }
}

function sharingSentence(snapshot: Readonly<Record<string, unknown>>): string {
  const { on, sentence } = membersOf(snapshot['sharing']);
  return `Sharing is ${on === true ? 'on' : 'off'}. ${typeof sentence === 'string' ? sentence : ''}`.trim();
}

async function status(config: OpenclawConfig, grid: GridClient): Promise<string> {
  const baseUrl = configuredBaseUrl(config);
  const models = (await grid.models(baseUrl)).map(({ id }) => id);
  // A router on another machine answers without the switch of this one.
  const snapshot = await grid.snapshot().catch(() => undefined);
  const peers = Array.isArray(snapshot?.['peers']) ? snapshot['peers'] : [];
  const reachable = peers.filter((peer) => membersOf(peer)['state'] === 'reachable').length;
  return [
    `The grid answers at ${baseUrl}.`,
    models.length === 0
      ? "No model can be asked for right now; 'lobstah doctor' finds out why."
      : `Models: ${models.slice(0, 8).join(', ')}${models.length > 8 ? ` and ${models.length - 8} more` : ''}.`,
    ...(snapshot ? [sharingSentence(snapshot), `Peers: ${reachable} of ${peers.length} reachable.`] : []),
  ].join('\n');
}

const credits = (amount: number): string => amount.toLocaleString('en', { maximumFractionDigits: 2 });

async function balance(config: OpenclawConfig, grid: GridClient): Promise<string> {
  const { earned, spent, ownTokens, tabs } = await grid.balance(configuredBaseUrl(config));
  const inCredit = tabs.filter((tab) => tab.credits > 0);
  const sum = inCredit.reduce((total, tab) => total + tab.credits, 0);
  return [
    `Earned ${credits(earned)}, spent ${credits(spent)} credits. Own use, free: ${credits(ownTokens)} tokens.`,
    inCredit.length === 0
      ? 'No credit stands with any peer. Earn some by sharing.'
      : `${credits(sum)} credits can be spent, with ${inCredit.length === 1 ? 'one peer' : `${inCredit.length} peers`}.`,
  ].join('\n');
}
