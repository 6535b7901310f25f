import type { Logger } from 'pino';
import type { Clock } from './clock.ts';
import type { HubLimits } from './hub-limits.ts';
import type { KeyRing } from './key-ring.ts';
import type { Search } from './web-search.ts';

export interface HubDeps {
  readonly log: Logger;
  readonly clock: Clock;
  /** 0 to 1 */
  readonly random: () => number;
  readonly randomUuid: () => string;
  readonly limits: HubLimits;
  /** addresses or ranges whose forwarded-for header is believed */
  readonly trustedProxies: readonly string[];
  /** Host names answered to besides loopback */
  readonly allowedHosts: readonly string[];
  /** pages that may call /api: the web frontend's origin */
  readonly allowedOrigins: readonly string[];
  /** undefined: /v1 is off */
  readonly v1Keys: KeyRing | undefined;
  /** undefined: the admin view is off */
  readonly adminKeys: KeyRing | undefined;
  /** undefined: no tool is offered to models */
  readonly search: Search | undefined;
  readonly probes: boolean;
}
