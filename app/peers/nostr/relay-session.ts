import type { AddressPolicy } from '../../http/public-address.ts';
import { MAX_TTL_SECONDS } from '../../protocol/announcement.ts';
import type { Pubkey } from '../../protocol/pubkey.ts';
import { chooseStrangers } from '../choose-strangers.ts';
import { withJitter } from '../retry-delay.ts';
import type { FoundList } from '../sources/found-list.ts';
import { ANNOUNCEMENT_KIND, DELETION_KIND, T_TAG } from './lobstah-events.ts';
import { parseNostrEvent, verifyNostrEvent, type NostrEvent } from './nostr-event.ts';
import { createRelayBook } from './relay-book.ts';
import { createRelayInbox } from './relay-inbox.ts';
import { openRelayLink } from './relay-link.ts';

const SUBSCRIPTION = 'lobstah-peers';
/** v1's goodbyes name the event only and cannot be asked for: who is missing when the relay tells all has gone. */
const READ_AGAIN_MS = 120_000;
const MAX_STORED_EVENTS = 256;
/** A relay that neither takes nor refuses an event by then is not waited for. */
const OK_LIMIT_MS = 10_000;

export interface RelayState {
  readonly relay: string;
  readonly connected: boolean;
  readonly lastAnnouncedMs: number | undefined;
  /** the relay has told all it has */
  readonly hasRead: boolean;
  readonly found: number;
  readonly refused: number;
  readonly problem: string | undefined;
}

export interface RelaySession {
  state(): RelayState;
  /** begins or ends reading who is there */
  setFinding(on: boolean): void;
  /** Says it as soon as the relay is there, instead of what was not said yet. */
  announce(event: NostrEvent): void;
  /** @returns what was said last and not taken back, if anything */
  said(): NostrEvent | undefined;
  /** Resolves when the relay has taken or refused it, or did neither for too long. */
  takeBack(deletion: NostrEvent, limitMs: number): Promise<void>;
  /** if the relay is there */
  publish(event: NostrEvent): void;
  close(): void;
}

export interface RelaySessionDeps {
  readonly relay: string;
  readonly list: FoundList;
  readonly policy: () => AddressPolicy;
  readonly ownPubkey: Pubkey;
  readonly nowMs: () => number;
  readonly random: () => number;
  readonly after: (ms: number, then: () => void) => () => void;
  readonly onChange: () => void;
}

/** One relay that the owner chose: announced to, read, or both, over one connection. */
export function openRelaySession(deps: RelaySessionDeps): RelaySession {
  const { relay } = deps;
  const book = createRelayBook(deps);
  const waitingForOk = new Map<string, (accepted: boolean, words: string) => void>();
  let isFinding = false;
  let isTellingAll = false;
  let announcement: NostrEvent | undefined;
  let said: NostrEvent | undefined;
  let kept: ReadonlySet<Pubkey> = new Set();
  let stopReading: () => void = () => undefined;
  let state: RelayState = {
    relay,
    connected: false,
    lastAnnouncedMs: undefined,
    hasRead: false,
    found: 0,
    refused: 0,
    problem: undefined,
  };

  function change(members: Partial<RelayState>): void {
    state = { ...state, ...members };
    deps.onChange();
  }

  const inbox = createRelayInbox({ read, nowMs: deps.nowMs });
  const link = openRelayLink({
    url: relay,
    nowMs: deps.nowMs,
    random: deps.random,
    after: deps.after,
    onText: (text) => inbox.put(text),
    onOpen() {
      change({ connected: true, problem: undefined });
      if (announcement) say(announcement);
      if (isFinding) ask();
    },
    onDown(problem) {
      inbox.clear();
      stopReading();
      for (const settle of waitingForOk.values()) settle(false, problem);
      change({ connected: false, problem });
    },
  });

  function expectOk(event: NostrEvent, limitMs: number): Promise<{ accepted: boolean; words: string }> {
    return new Promise((resolve) => {
      const settle = (accepted: boolean, words: string) => {
        waitingForOk.delete(event.id);
        cancel();
        resolve({ accepted, words });
      };
      const cancel = deps.after(limitMs, () => settle(false, 'The relay does not say whether it took the event.'));
      waitingForOk.set(event.id, settle);
      if (!link.send(['EVENT', event])) settle(false, 'The relay is not connected.');
    });
  }

  function say(event: NostrEvent): void {
    said = event;
    void expectOk(event, OK_LIMIT_MS).then(({ accepted, words }) => {
      if (event !== announcement || !link.isOpen()) return;
      change(accepted ? { lastAnnouncedMs: deps.nowMs(), problem: undefined } : { problem: words });
    });
  }

  function ask(): void {
    stopReading();
    book.beginStored();
    isTellingAll = true;
    const nowSeconds = Math.floor(deps.nowMs() / 1000);
    const announced = { kinds: [ANNOUNCEMENT_KIND], '#t': [T_TAG], since: nowSeconds - MAX_TTL_SECONDS };
    const goodbyes = { kinds: [DELETION_KIND], '#k': [String(ANNOUNCEMENT_KIND)], since: nowSeconds - MAX_TTL_SECONDS };
    link.send(['REQ', SUBSCRIPTION, { ...announced, limit: MAX_STORED_EVENTS }, { ...goodbyes, limit: 100 }]);
    stopReading = deps.after(withJitter(READ_AGAIN_MS, deps.random), ask);
  }

  function show(): void {
    const peers = book.peers();
    const chosen = chooseStrangers(peers, kept, deps.random);
    kept = new Set(chosen.map(({ pubkey }) => pubkey));
    deps.list.replace(relay, chosen);
    change({ found: peers.length });
  }

  function takeEvent(input: unknown): void {
    const event = parseNostrEvent(input);
    if (!event || !book.wants(event)) return;
    const verified = verifyNostrEvent(event);
    const taken = verified ? book.take(verified) : { reason: 'the signature is not that of its author' };
    if (typeof taken === 'object') {
      if (taken.reason !== 'this machine itself') change({ refused: state.refused + 1 });
    } else if (taken === 'changed' && !isTellingAll) show();
  }

  function read(text: string): void {
    const [kind, name, ...rest] = parseArray(text);
    if (kind === 'OK' && typeof name === 'string') {
      const words = typeof rest[1] === 'string' ? relayWords(rest[1]) : '';
      waitingForOk.get(name)?.(rest[0] === true, `The relay does not take the announcement${words}.`);
    }
    if (!isFinding || name !== SUBSCRIPTION) return;
    if (kind === 'EVENT') takeEvent(rest[0]);
    if (kind === 'EOSE' && isTellingAll) {
      isTellingAll = false;
      book.endStored();
      show();
      change({ hasRead: true });
    }
    if (kind === 'CLOSED') {
      const words = typeof rest[0] === 'string' ? relayWords(rest[0]) : '';
      change({ problem: `The relay does not tell who is there${words}.` });
    }
  }

  return {
    state: () => state,
    setFinding(on) {
      if (on === isFinding) return;
      isFinding = on;
      if (on) {
        if (link.isOpen()) ask();
        return;
      }
      stopReading();
      link.send(['CLOSE', SUBSCRIPTION]);
      deps.list.forget(relay);
      change({ found: 0, refused: 0, hasRead: false });
    },
    announce(event) {
      announcement = event;
      if (link.isOpen()) say(event);
    },
    said: () => said,
    async takeBack(deletion, limitMs) {
      announcement = undefined;
      said = undefined;
      await expectOk(deletion, limitMs);
      change({ lastAnnouncedMs: undefined });
    },
    publish: (event) => void link.send(['EVENT', event]),
    close() {
      isFinding = false;
      stopReading();
      inbox.clear();
      link.close();
      for (const settle of waitingForOk.values()) settle(false, 'closed');
      deps.list.forget(relay);
    },
  };
}

function parseArray(text: string): readonly unknown[] {
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return [];
  }
}

/** Strangers chose these words: one short line of them, as a quotation. */
function relayWords(text: string): string {
  const clean = text
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ')
    .trim()
    .slice(0, 120);
  return clean === '' ? '' : `: '${clean}'`;
}
