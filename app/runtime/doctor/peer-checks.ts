import type { DoctorCheckView } from '../../contract/commands.ts';
import type { Peer } from '../../peers/peer.ts';
import { peerOf, readPeersFile } from '../../peers/peers-file.ts';
import { isOverlayAddress } from '../../protocol/overlay-address.ts';
import type { DoctorInput } from './finding.ts';
import { examinePeer, type PeerStep } from './peer-steps.ts';

/** What passes by itself when the other Mac wakes up; the other steps fail until somebody mends something. */
const MAY_BE_ASLEEP: readonly PeerStep[] = ['dns', 'tcp'];

/** One check for each peer that may be asked, and what their clocks say. */
export async function checkPeers(
  { home }: DoctorInput,
  nowMs: () => number,
): Promise<{ checks: DoctorCheckView[]; offsetsMs: number[] }> {
  const peers = knownPeers(home.peersFile).filter(({ blocked }) => !blocked);
  const examined = await Promise.all(peers.map((peer) => examine(peer, nowMs)));
  const checks = examined.map(({ failedAt, message, hint }, index): DoctorCheckView => {
    const name = `Peer ${peers[index]?.label ?? peers[index]?.url ?? ''}`;
    if (failedAt === undefined) return { name, status: 'ok', message, hint };
    const status = MAY_BE_ASLEEP.includes(failedAt) ? 'warning' : 'failed';
    return { name, code: `peer_${failedAt}`, status, message, hint };
  });
  return { checks, offsetsMs: examined.flatMap(({ clockOffsetMs }) => clockOffsetMs ?? []) };
}

/** A second endpoint of this key would disturb the running one: who is reached by key is asked by it alone. */
function examine(peer: Peer, nowMs: () => number): ReturnType<typeof examinePeer> {
  if (!isOverlayAddress(peer.url)) return examinePeer(peer, nowMs);
  return Promise.resolve({
    failedAt: undefined,
    clockOffsetMs: undefined,
    message: 'reached over the overlay, by the running Lobstah',
    hint: "'lobstah peers list' says how.",
  });
}

function knownPeers(file: string) {
  try {
    return readPeersFile(file).map(peerOf);
  } catch {
    return []; // the check of the file says what is wrong with it
  }
}
