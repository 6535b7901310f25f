import { networkInterfaces } from 'node:os';
import type { LanView } from '../contract/snapshot.ts';
import { createLan, type Lan, type LanDeps, type LanState } from '../peers/lan/lan.ts';
import { pickLanInterfaces } from '../peers/lan/lan-interfaces.ts';
import { openMdnsLink } from '../peers/lan/mdns-link.ts';
import { proveNeighbour } from '../peers/lan/prove.ts';
import type { Settings } from './settings.ts';

export interface LanFinding extends Pick<Lan, 'look' | 'stop'> {
  view(): LanView;
}

export const lanInterfaces = () => pickLanInterfaces(networkInterfaces());

export function createLanFinding(
  deps: Omit<LanDeps, 'wish' | 'interfaces' | 'openLink' | 'prove' | 'ownPubkey'> &
    Parameters<typeof proveNeighbour>[1] & {
      settings: () => Settings;
      serves: boolean;
      asks: boolean;
      isSharing: () => boolean;
    },
): LanFinding {
  const lan = createLan({
    ...deps,
    ownPubkey: deps.signer.pubkey,
    interfaces: lanInterfaces,
    openLink: openMdnsLink,
    prove: (claimed) => proveNeighbour(claimed, deps),
    wish() {
      const { lan: wish, sharing } = deps.settings();
      if (wish.state === 'off') return wish;
      if (sharing.offline) return { state: 'off', atOnce: true };
      return { state: 'on', announce: wish.announce && deps.serves && deps.isSharing(), find: wish.find && deps.asks };
    },
  });
  return { look: lan.look, stop: lan.stop, view: () => lanView(deps.settings(), lan.states(), deps.isSharing()) };
}

/** Pure. */
export function lanView({ lan }: Settings, states: readonly LanState[], isSharing: boolean): LanView {
  if (lan.state === 'off') return { state: 'off' };
  const addresses = states.flatMap(({ servedAt }) => (servedAt === undefined ? [] : [servedAt]));
  const found = states.reduce((sum, state) => sum + state.found, 0);
  const refused = states.reduce((sum, state) => sum + state.refused, 0);
  const sentences = [
    !lan.announce
      ? undefined
      : !isSharing
        ? 'Not announced: you are not sharing right now.'
        : addresses.length > 0
          ? `Reachable for neighbours at ${addresses.join(' and ')}.`
          : undefined,
    lan.find && states.length > 0
      ? `${found === 1 ? 'one neighbour' : `${found} neighbours`} found${refused > 0 ? `, ${refused} without proof` : ''}.`
      : undefined,
    states.find(({ problem }) => problem !== undefined)?.problem,
    states.length === 0 && (lan.find || isSharing) ? 'This machine is in no local network right now.' : undefined,
  ].filter((sentence) => sentence !== undefined);
  return {
    state: 'on',
    sentence: sentences.join(' '),
    announce: lan.announce,
    find: lan.find,
    addresses,
    found,
  };
}
