import { parsePeerAddress } from '../../peers/peer.ts';
import { GridError } from '../../protocol/errors.ts';
import { parsePubkey, type Pubkey } from '../../protocol/pubkey.ts';
import type { CommandDeps, Handlers } from './command-deps.ts';

type PeerCommand = 'addPeer' | 'renamePeer' | 'setPeerBlocked' | 'removePeer' | 'checkPeer';

export function peerCommands(deps: CommandDeps): Handlers<PeerCommand> {
  const changed = (there: boolean): null => {
    if (!there) throw new GridError('invalid_argument', 'There is no peer with this key.');
    deps.news.touch();
    return null;
  };
  return {
    addPeer({ pubkey, url, label }) {
      const peer = parseNewPeer(pubkey, url, deps.signer.pubkey);
      // Undoing the removal of a peer without a name gives an empty one.
      deps.directory.add({ ...peer, label: label || undefined });
      deps.news.touch();
      void deps.roster.check(peer.pubkey);
      return null;
    },
    renamePeer({ pubkey, label }) {
      const peer = deps.directory.list().find((known) => known.pubkey === pubkey);
      if (peer && peer.source !== 'static')
        throw new GridError('invalid_argument', 'This peer was found, not added: add it by hand to give it a name.');
      return changed(deps.directory.rename(pubkey as Pubkey, label));
    },
    setPeerBlocked: ({ pubkey, blocked }) => changed(deps.directory.setBlocked(pubkey as Pubkey, blocked)),
    removePeer({ pubkey }) {
      const removed = deps.directory.remove(pubkey as Pubkey);
      // Who is not to be there at all is no friend either.
      deps.friendDesk.end(pubkey as Pubkey);
      deps.friendWatch.look();
      deps.news.touch();
      // Who was found cannot be added again in its name: that would make it one the owner trusts.
      return {
        removed:
          removed?.source === 'static'
            ? { pubkey: removed.pubkey, url: removed.url, label: removed.label ?? '' }
            : null,
      };
    },
    async checkPeer({ pubkey }) {
      const known = await deps.roster.check(pubkey as Pubkey);
      if (!known) throw new GridError('invalid_argument', 'There is no peer with this key.');
      return { reachable: known.capacity !== undefined, problem: known.health.problem ?? null };
    },
  };
}

/** @throws GridError invalid_argument saying which of both is wrong */
export function parseNewPeer(pubkeyText: string, urlText: string, ownPubkey: Pubkey): { pubkey: Pubkey; url: string } {
  const pubkey = parsePubkey(pubkeyText.trim());
  if (!pubkey)
    throw new GridError(
      'invalid_argument',
      "A key looks like 'lob1' followed by 64 hex digits; the peer's owner sees it with 'lobstah keygen'.",
    );
  if (pubkey === ownPubkey) throw new GridError('invalid_argument', 'This is the key of this machine itself.');
  const address = parsePeerAddress(urlText, pubkey);
  if ('problem' in address) throw new GridError('invalid_argument', `The address is not right: ${address.problem}.`);
  return { pubkey, url: address.url };
}
