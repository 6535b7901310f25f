import { clampTtlSeconds, judgeAge, parseAnnouncement, verifyAnnouncement } from '../protocol/announcement.ts';
import type { AddressPolicy } from '../http/public-address.ts';
import { formatOverlayAddress, isOverlayAddress, NO_HINTS } from '../protocol/overlay-address.ts';
import type { Pubkey } from '../protocol/pubkey.ts';
import { announcedUrlProblem } from './guarded-agent.ts';
import { parsePeerAddress } from './peer.ts';
import type { FoundPeer } from './sources/peer-source.ts';

export interface Refused {
  /** of the key it names, when it names one */
  readonly pubkey: string | undefined;
  readonly reason: string;
}

/**
 * One entry of a list that somebody else keeps: signed by whom it names, fresh, and at an address that a stranger may send
 * this machine to. Everything a source finds goes through here.
 */
export function judgeAnnounced(
  input: unknown,
  here: { nowMs: number; policy: AddressPolicy; ownPubkey: Pubkey },
): FoundPeer | Refused {
  const signed = verifyAnnouncement(input);
  if (!signed) {
    const pubkey = parseAnnouncement(input)?.announcement.pubkey;
    return { pubkey, reason: pubkey ? 'the signature is not that of its key' : 'not a signed announcement' };
  }
  const { announcement } = signed;
  const { pubkey } = announcement;
  if (pubkey === here.ownPubkey) return { pubkey, reason: 'this machine itself' };
  const age = judgeAge(announcement, here.nowMs);
  if (age) return { pubkey, reason: age === 'stale' ? 'older than its ttl' : 'from the future' };
  const address = parsePeerAddress(announcement.url, pubkey);
  if ('problem' in address) return { pubkey, reason: address.problem };
  const isOverlay = isOverlayAddress(address.url);
  const problem = isOverlay ? undefined : announcedUrlProblem(address.url, here.policy);
  if (problem) return { pubkey, reason: problem };
  const ttlSeconds = clampTtlSeconds(announcement.ttlSeconds);
  return {
    pubkey,
    // A stranger's hints could send this machine anywhere: it is looked for by its key alone.
    url: isOverlay ? formatOverlayAddress({ pubkey, hints: NO_HINTS }) : address.url,
    label: cleanLabel(announcement.label),
    models: announcement.models ?? [],
    announcedAtMs: announcement.announcedAt,
    ttlSeconds,
    keptUntilMs: Math.min(announcement.announcedAt, here.nowMs) + ttlSeconds * 1000,
  };
}

export function isRefused(judged: FoundPeer | Refused): judged is Refused {
  return 'reason' in judged;
}

const MAX_LABEL = 40;

/** Strangers choose their labels: no line ends, no signs that turn text around, no novels. */
function cleanLabel(label: string | undefined): string | undefined {
  const clean = label
    ?.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '')
    .trim()
    .slice(0, MAX_LABEL);
  return clean === '' ? undefined : clean;
}

/** A signature takes a tenth of a millisecond: ten thousand at once would stop everything else for a second. */
const SLICE = 50;

/** Judges a whole list, leaving room for other work. */
export async function judgeList(
  entries: readonly unknown[],
  here: { nowMs: number; policy: AddressPolicy; ownPubkey: Pubkey },
): Promise<{ peers: FoundPeer[]; refused: Refused[] }> {
  const newest = new Map<Pubkey, FoundPeer>();
  const refused: Refused[] = [];
  for (const [index, entry] of entries.entries()) {
    if (index % SLICE === SLICE - 1) await new Promise((resolve) => setImmediate(resolve));
    const judged = judgeAnnounced(entry, here);
    if (isRefused(judged)) refused.push(judged);
    else if ((newest.get(judged.pubkey)?.announcedAtMs ?? -1) < judged.announcedAtMs) newest.set(judged.pubkey, judged);
  }
  return { peers: [...newest.values()], refused };
}
