import { lookup as dnsLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector } from 'undici';
import { addressProblem, isSanePort, type AddressPolicy } from '../http/public-address.ts';
import { GridError } from '../protocol/errors.ts';

const CONNECT_TIMEOUT_MS = 5_000;

export interface GuardDeps {
  /** read at every connection: a change of the owner's mind holds at once */
  readonly policy: () => AddressPolicy;
  /** the system's resolver; tests hand in one that changes its mind */
  readonly lookup?: typeof dnsLookup;
}

/**
 * Dials for addresses that strangers announced. What is checked is what is dialled: the addresses that the name has at the
 * moment of connecting, so a name that pointed elsewhere a moment ago (DNS rebinding) gains nothing. undici's `request`
 * follows no redirect.
 */
export function createGuardedAgent(deps: GuardDeps): Agent {
  const connect = buildConnector({ timeout: CONNECT_TIMEOUT_MS, lookup: guardedLookup(deps) });
  return new Agent({
    connections: null,
    connect(options, callback) {
      const problem = targetProblem(options, deps.policy());
      if (problem) {
        callback(new GridError('peer_address_refused', problem), null);
        return;
      }
      connect(options, (...result) => {
        const socket = result[1];
        // The last look, at what the kernel says it is connected to.
        const remote = socket?.remoteAddress;
        if (socket && (remote === undefined || addressProblem(remote, deps.policy()) !== undefined)) {
          socket.destroy();
          callback(refusedAddress(remote ?? 'unknown', undefined), null);
        } else callback(...result);
      });
    },
  });
}

/** What is wrong before any name is resolved: literal addresses never reach a resolver. */
function targetProblem(
  { hostname, protocol, port }: { hostname: string; protocol: string; port: string },
  policy: AddressPolicy,
): string | undefined {
  if (protocol !== 'http:' && protocol !== 'https:') return `'${protocol}' is not dialled for a stranger.`;
  if (!isSanePort(port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port)))
    return `Port ${port} is not one a peer may announce.`;
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const problem = isIP(host) === 0 ? undefined : addressProblem(host, policy);
  return problem && refusedAddress(host, problem).message;
}

/** @returns a sentence when this http(s) address cannot be dialled whatever its name resolves to; for entries as they come in */
export function announcedUrlProblem(url: string, policy: AddressPolicy): string | undefined {
  return targetProblem(new URL(url), policy);
}

function guardedLookup({ policy, lookup = dnsLookup }: GuardDeps): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) {
        callback(error, '', 0);
        return;
      }
      for (const { address } of found) {
        const problem = addressProblem(address, policy());
        // One bad address is enough: who mixes them hopes for the other one.
        if (problem !== undefined) {
          callback(refusedAddress(address, problem), '', 0);
          return;
        }
      }
      const first = found[0];
      if (options.all) callback(null, found);
      else callback(null, first?.address ?? '', first?.family);
    });
  };
}

function refusedAddress(ip: string, words: string | undefined): GridError {
  return new GridError(
    'peer_address_refused',
    `The announced address ${ip} is that of ${words ?? 'another place than it should be'}.`,
  );
}
