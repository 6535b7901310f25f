import type { RunningServer } from '../http/listen.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { openLedger } from '../ledger/open-ledger.ts';
import { openFriends } from '../peers/friends.ts';
import { createGuardedAgent } from '../peers/guarded-agent.ts';
import { createSigner } from '../protocol/ed25519.ts';
import { openEngineKeys } from './engine-keys.ts';
import type { GridConfig, GridOverrides } from './grid-config.ts';
import { Outside } from './guest/outside.ts';
import { openHomeDirectory } from './home-directory.ts';
import { homeDisk } from './home-disk.ts';
import { openHome } from './home.ts';
import { envServer } from './idleclaw/idleclaw-wish.ts';
import { openIdentityFile } from './identity-file.ts';
import { lanInterfaces } from './lan-finding.ts';
import { openLog } from './log.ts';
import { openOwnEngine } from './own-engine.ts';
import { createRandomHex } from './random-hex.ts';
import { takeRoles } from './roles.ts';
import { openSettingsFile } from './settings.ts';

/** What was started, and how it is stopped again: in the opposite order. */
export interface Lifetime {
  readonly undo: (() => Promise<unknown> | void)[];
  readonly stopping: AbortController;
  readonly servers: { readonly server: Pick<RunningServer, 'close'>; readonly drains: boolean }[];
  readonly stop: (drainMs?: number) => Promise<void>;
}

export type Foundation = Awaited<ReturnType<typeof openFoundation>>;

/**
 * What everything else stands on: the files of the home, the key, the books, the ways out, the engine. Opens no port.
 * @throws GridError home_unwritable, identity_unreadable, peers_unreadable, settings_unreadable, already_running, database_…
 */
export async function openFoundation(config: GridConfig, overrides: GridOverrides, life: Lifetime) {
  const { home } = config;
  const nowMs = overrides.nowMs ?? Date.now;
  const randomHex = createRandomHex();
  openHome(home);
  const { identity, created } = openIdentityFile(home.identityFile);
  const secretKey = Buffer.from(identity.secretKey, 'hex');
  const signer = createSigner(secretKey);
  const settings = openSettingsFile(home.settingsFile);
  envServer(config.env);
  const policy = () => ({ allowPrivate: settings.current().peers.allowPrivateAnnounced });
  const friends = openFriends(home.friendsFile, homeDisk, nowMs);
  const directory = openHomeDirectory(home, { ownPubkey: signer.pubkey, policy, nowMs, friends });
  const roles = takeRoles(config, life.undo);
  const log = openLog(home.logFile, config.env['LOBSTAH_LOG'] ?? 'info');

  const ledger: Ledger = await openLedger({
    file: home.ledgerFile,
    ownPubkey: signer.pubkey,
    ...(overrides.ledgerThreadUrl ? { threadUrl: overrides.ledgerThreadUrl } : {}),
  });
  life.undo.push(() => ledger.close());
  const open = new Outside(overrides.dispatcher ? () => overrides.dispatcher! : undefined);
  const guarded = new Outside(() => createGuardedAgent({ policy }));
  const neighbours = new Outside(() =>
    createGuardedAgent({
      policy: () => ({ allowPrivate: false, onlySubnets: lanInterfaces().map(({ subnet }) => subnet) }),
    }),
  );
  life.undo.push(() => Promise.all([open.destroy(), guarded.destroy(), neighbours.destroy()]));
  const { env } = config;
  const engineKeys = openEngineKeys({ file: home.engineKeyFile, env, secrets: overrides.secrets });
  const engine =
    overrides.engine ?? openOwnEngine({ env, home, settings, keys: engineKeys, host: overrides.engineHost });
  life.undo.push(() => engine.close());

  return {
    config,
    home,
    nowMs,
    randomHex,
    identity,
    created,
    secretKey,
    signer,
    settings,
    policy,
    friends,
    directory,
    roles,
    log,
    ledger,
    open,
    guarded,
    neighbours,
    engineKeys,
    engine,
  };
}
