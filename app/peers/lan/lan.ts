import type { Capacity } from '../../protocol/capacity.ts';
import type { Pubkey } from '../../protocol/pubkey.ts';
import type { FoundList } from '../sources/found-list.ts';
import type { LanInterface } from './lan-interfaces.ts';
import type { MdnsHandlers, MdnsLink } from './mdns-link.ts';
import { createNeighbours, type Neighbours } from './neighbours.ts';

/** Interfaces come and go with cables and sleep. */
const LOOK_MS = 15_000;
const ASK_MS = 60_000;

/** Off means no socket: neither of mDNS nor a listener. `atOnce`: no goodbye, and running answers are cut. */
export type LanWish =
  | { readonly state: 'off'; readonly atOnce?: boolean }
  | {
      readonly state: 'on';
      /** false as well while nobody would be served */
      readonly announce: boolean;
      readonly find: boolean;
    };

export interface LanState {
  readonly interface: string;
  readonly subnet: string;
  /** where neighbours reach the worker; undefined while they do not */
  readonly servedAt: string | undefined;
  readonly found: number;
  readonly refused: number;
  readonly problem: string | undefined;
}

export interface Lan {
  /** The wish, the interfaces or the clock may have changed. Safe to call often. */
  look(): void;
  states(): readonly LanState[];
  /** Says goodbye and closes everything. Safe to call twice. */
  stop(): Promise<void>;
}

/** The worker, reachable at one more address. */
export interface ServedAddress {
  readonly port: number;
  /** running answers go on, unless at once */
  close(atOnce?: boolean): Promise<void>;
}

export interface LanDeps {
  readonly wish: () => LanWish;
  readonly interfaces: () => readonly LanInterface[];
  readonly openLink: (lan: LanInterface, handlers: MdnsHandlers) => MdnsLink;
  readonly serveAt: (address: string) => Promise<ServedAddress>;
  readonly prove: (claimed: { url: string; pubkey: Pubkey }) => Promise<Capacity>;
  readonly ownPubkey: Pubkey;
  readonly list: FoundList;
  readonly nowMs: () => number;
  readonly after: (ms: number, then: () => void) => () => void;
  readonly onChange: () => void;
}

interface Session {
  readonly lan: LanInterface;
  readonly link: MdnsLink;
  readonly neighbours: Neighbours;
  served: ServedAddress | undefined;
  isFinding: boolean;
  askedAtMs: number;
  problem: string | undefined;
}

const nameOf = ({ name, address, subnet }: LanInterface) => `${name} ${address} ${subnet}`;

export function createLan(deps: LanDeps): Lan {
  const sessions = new Map<string, Session>();
  let cancel: () => void = () => undefined;
  let working: Promise<void> | undefined;
  let lookAgain = false;
  let isStopping = false;
  let stopped: Promise<void> | undefined;

  function look(): void {
    if (working) {
      lookAgain = true;
      return;
    }
    cancel();
    const wish: LanWish = isStopping ? { state: 'off' } : deps.wish();
    const isOn = wish.state === 'on' && (wish.announce || wish.find);
    if (!isOn && sessions.size === 0) {
      // Announcing waits for sharing: whoever switches it on calls again.
      return;
    }
    working = work(wish).finally(() => {
      working = undefined;
      const again = lookAgain;
      lookAgain = false;
      if (again) look();
      else if (isOn && !isStopping) cancel = deps.after(LOOK_MS, look);
    });
  }

  function open(lan: LanInterface): Session {
    const origin = nameOf(lan);
    const neighbours = createNeighbours({
      ...deps,
      lan,
      onChange() {
        if (!session.isFinding) return;
        deps.list.replace(origin, neighbours.proven());
        deps.onChange();
      },
    });
    const link = deps.openLink(lan, {
      onHeard: (heard, from) => {
        if (session.isFinding) neighbours.hear(heard, from);
      },
      onProblem(problem) {
        session.problem = problem;
        deps.onChange();
      },
    });
    const session: Session = {
      lan,
      link,
      neighbours,
      served: undefined,
      isFinding: false,
      askedAtMs: -Infinity,
      problem: undefined,
    };
    return session;
  }

  async function work(wish: LanWish): Promise<void> {
    const isOn = wish.state === 'on' && (wish.announce || wish.find);
    const wanted = new Map(isOn ? deps.interfaces().map((lan) => [nameOf(lan), lan]) : []);
    for (const [name, session] of sessions)
      if (!wanted.has(name)) {
        sessions.delete(name);
        session.isFinding = false;
        deps.list.forget(name);
        const atOnce = wish.state === 'off' && wish.atOnce === true;
        await session.link.close(atOnce);
        await session.served?.close(atOnce);
      }
    if (wish.state === 'off') {
      deps.onChange();
      return;
    }
    for (const [name, lan] of wanted) {
      const session = sessions.get(name) ?? open(lan);
      sessions.set(name, session);
      await serve(session, wish.announce);
      find(session, wish.find);
    }
    deps.onChange();
  }

  async function serve(session: Session, on: boolean): Promise<void> {
    const { lan, link } = session;
    if (!on) {
      await link.announce(undefined);
      await session.served?.close();
      session.served = undefined;
      return;
    }
    try {
      session.served ??= await deps.serveAt(lan.address);
      session.problem = undefined;
    } catch (error) {
      session.problem = error instanceof Error ? error.message : 'The worker cannot listen there.';
      return;
    }
    await link.announce({ pubkey: deps.ownPubkey, address: lan.address, port: session.served.port });
  }

  function find(session: Session, on: boolean): void {
    if (!on) {
      if (session.isFinding) deps.list.forget(nameOf(session.lan));
      session.isFinding = false;
      return;
    }
    session.isFinding = true;
    session.neighbours.expire();
    const nowMs = deps.nowMs();
    if (Math.abs(nowMs - session.askedAtMs) < ASK_MS) return;
    session.askedAtMs = nowMs;
    session.link.ask();
  }

  return {
    look,
    states: () =>
      [...sessions.values()].map(({ lan, served, neighbours, isFinding, problem }) => ({
        interface: lan.name,
        subnet: lan.subnet,
        servedAt: served && `http://${lan.address}:${served.port}`,
        found: isFinding ? neighbours.proven().length : 0,
        refused: isFinding ? neighbours.refused() : 0,
        problem,
      })),
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
