import type { AddressPolicy } from '../../http/public-address.ts';
import { ANNOUNCE_TTL_SECONDS, issueAnnouncement } from '../../protocol/announcement.ts';
import type { Tier } from '../../protocol/capacity.ts';
import type { Signer } from '../../protocol/ed25519.ts';
import type { SignedReceipt } from '../../protocol/receipt.ts';
import { withJitter } from '../retry-delay.ts';
import type { FoundList } from '../sources/found-list.ts';
import { announcementEvent, deletionEvent, receiptEvent } from './lobstah-events.ts';
import type { NostrEvent } from './nostr-event.ts';
import { openRelaySession, type RelaySession, type RelayState } from './relay-session.ts';

const RENEW_MS = (ANNOUNCE_TTL_SECONDS * 1000) / 2;
/** Models are looked at this often; relays are told only of changes. */
const CHECK_MS = 30_000;
/** A relay that does not answer must not hold up who wants to quit. */
const GOODBYE_LIMIT_MS = 3_000;
const MAX_AHEAD_SECONDS = 120;

/** Off means that no relay is connected to. `atOnce`: without a goodbye, because nothing may be sent any more. */
export type NostrWish =
  | { readonly state: 'off'; readonly atOnce?: boolean }
  | {
      readonly state: 'on';
      readonly relays: readonly string[];
      /** undefined: not announced, or nobody could be served at the moment */
      readonly announce: { readonly url: string; readonly label: string } | undefined;
      readonly find: boolean;
      readonly publishReceipts: boolean;
    };

export interface Nostr {
  /** The wish, the models or the clock may have changed. Safe to call often. */
  look(): void;
  states(): readonly RelayState[];
  /** Published only if the owner asked for just that. */
  publishReceipt(receipt: SignedReceipt): void;
  /** Takes back what was announced, for three seconds at most, and closes every connection. Safe to call twice. */
  stop(): Promise<void>;
}

export interface NostrDeps {
  readonly signer: Signer;
  readonly nostrSecretKey: Uint8Array;
  readonly wish: () => NostrWish;
  /** what strangers may ask for right now; never rejects */
  readonly offer: () => Promise<{ readonly models: readonly string[]; readonly tier: Tier }>;
  readonly list: FoundList;
  readonly policy: () => AddressPolicy;
  readonly nowMs: () => number;
  readonly random: () => number;
  readonly after: (ms: number, then: () => void) => () => void;
  readonly onChange: () => void;
}

export function createNostr(deps: NostrDeps): Nostr {
  const sessions = new Map<string, RelaySession>();
  let current: { event: NostrEvent; what: string; dueMs: number; decidedAtMs: number } | undefined;
  /** Relays order by whole seconds: what is said later has to have a later one. */
  let lastSecond = 0;
  let working: Promise<void> | undefined;
  let lookAgain = false;
  let cancel: () => void = () => undefined;
  let isStopping = false;
  let stopped: Promise<void> | undefined;

  const wished = (): NostrWish => (isStopping ? { state: 'off' } : deps.wish());

  function author() {
    const second = Math.floor(deps.nowMs() / 1000);
    // A clock that was set back must not leave us in the future, where nobody believes us.
    lastSecond = lastSecond - second > MAX_AHEAD_SECONDS ? second : Math.max(second, lastSecond + 1);
    return { secretKey: deps.nostrSecretKey, createdAtSeconds: lastSecond };
  }

  function look(): void {
    if (working) {
      lookAgain = true;
      return;
    }
    cancel();
    const wish = wished();
    if (wish.state === 'off' && sessions.size === 0) return;
    working = work(wish).finally(() => {
      working = undefined;
      const again = lookAgain;
      lookAgain = false;
      if (again) look();
      else if (current && !isStopping) cancel = deps.after(nextMs(current.dueMs), look);
    });
  }

  const nextMs = (dueMs: number) => Math.min(CHECK_MS, Math.max(0, dueMs - deps.nowMs()));

  async function work(wish: NostrWish): Promise<void> {
    const wanted = new Set(wish.state === 'on' ? wish.relays : []);
    const isAnnounced = wish.state === 'on' && wish.announce !== undefined;
    const left = [...sessions].filter(([relay]) => !wanted.has(relay));
    const toTell = isAnnounced ? left.map(([, session]) => session) : [...sessions.values()];
    if (wish.state === 'on' || !wish.atOnce) await Promise.all(toTell.map(sayGoodbye));
    if (!isAnnounced) current = undefined;
    for (const [relay, session] of left) {
      session.close();
      sessions.delete(relay);
    }
    if (left.length > 0) deps.onChange();
    if (wish.state === 'off') return;
    const newcomers: RelaySession[] = [];
    for (const relay of wanted) {
      const session = sessions.get(relay) ?? openRelaySession({ ...deps, relay, ownPubkey: deps.signer.pubkey });
      if (!sessions.has(relay)) newcomers.push(session);
      sessions.set(relay, session);
      session.setFinding(wish.find);
    }
    if (wish.announce) await announce(wish.announce, newcomers);
  }

  async function announce(at: { url: string; label: string }, newcomers: readonly RelaySession[]): Promise<void> {
    const { models, tier } = await deps.offer();
    const fields = { url: at.url, ...(at.label === '' ? {} : { label: at.label }), models, tier };
    const what = JSON.stringify(fields);
    const nowMs = deps.nowMs();
    if (current && current.what === what && nowMs < current.dueMs && nowMs >= current.decidedAtMs) {
      for (const session of newcomers) session.announce(current.event);
      return;
    }
    const as = author();
    const signed = issueAnnouncement({ ...fields, ttlSeconds: ANNOUNCE_TTL_SECONDS, announcedAt: nowMs }, deps.signer);
    const event = announcementEvent(signed, as);
    current = { event, what, dueMs: nowMs + withJitter(RENEW_MS, deps.random), decidedAtMs: nowMs };
    for (const session of sessions.values()) session.announce(event);
  }

  async function sayGoodbye(session: RelaySession): Promise<void> {
    const said = session.said();
    if (said) await session.takeBack(deletionEvent(said, author()), GOODBYE_LIMIT_MS);
  }

  return {
    look,
    states: () => [...sessions.values()].map((session) => session.state()),
    publishReceipt(receipt) {
      const wish = wished();
      if (wish.state === 'off' || !wish.publishReceipts) return;
      const event = receiptEvent(receipt, author());
      for (const session of sessions.values()) session.publish(event);
    },
    stop() {
      isStopping = true;
      stopped ??= (async () => {
        cancel();
        while (working) await working;
        await work({ state: 'off' });
      })();
      return stopped;
    },
  };
}
