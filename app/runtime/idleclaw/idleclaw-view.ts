import type { IdleClawServerView, IdleClawView } from '../../contract/snapshot.ts';
import type { ContributorView } from '../../idleclaw/node/contributor.ts';
import type { SharingDecision } from '../../sharing/decide.ts';
import type { GivenBook, GivenSum } from './given-book.ts';
import type { Contributing } from './contribute.ts';

const tokensOf = ({ inputTokens, outputTokens }: GivenSum): number => inputTokens + outputTokens;

/** The other network, for people. */
export function idleClawView(input: {
  readonly contribute: boolean;
  readonly consume: boolean;
  readonly servers: readonly string[];
  readonly sharing: SharingDecision;
  readonly contributing: Contributing | undefined;
  readonly today: string;
}): IdleClawView {
  const { contribute, consume, contributing, today } = input;
  const views = new Map((contributing?.views() ?? []).map((view) => [view.server, view]));
  const given = contributing?.given.ofDay(today);
  return {
    contribute,
    consume,
    servers: [...new Set([...input.servers, ...views.keys()])].map((server) =>
      serverView(server, views.get(server), input.sharing, contribute, contributing?.given),
    ),
    givenToday: { requests: given?.requests ?? 0, tokens: given ? tokensOf(given) : 0 },
  };
}

function serverView(
  url: string,
  view: ContributorView | undefined,
  sharing: SharingDecision,
  wanted: boolean,
  given: GivenBook | undefined,
): IdleClawServerView {
  const sum = given?.ofServer(url);
  return {
    url,
    ...stateOf(view, sharing, wanted),
    active: view?.active ?? 0,
    given: { requests: sum?.requests ?? 0, tokens: sum ? tokensOf(sum) : 0 },
  };
}

function stateOf(
  view: ContributorView | undefined,
  sharing: SharingDecision,
  wanted: boolean,
): Pick<IdleClawServerView, 'state' | 'sentence'> {
  if (!view) {
    if (!wanted) return { state: 'off', sentence: 'Not contributing. No connection is open.' };
    const why = sharing.state === 'off' ? 'sharing is switched off' : 'sharing is paused';
    return { state: 'paused', sentence: `Not registered, because ${why}.` };
  }
  if (view.state === 'contributing') {
    const models = view.models.length === 1 ? 'one model' : `${view.models.length} models`;
    return { state: 'contributing', sentence: `Registered with ${models}.` };
  }
  if (view.state === 'nothing-to-share') return { state: 'waiting', sentence: view.problem ?? 'Nothing to share.' };
  if (view.state === 'waiting')
    return { state: 'waiting', sentence: `Not connected. ${view.problem ?? ''} Lobstah tries again by itself.` };
  return { state: 'connecting', sentence: 'Connecting.' };
}
