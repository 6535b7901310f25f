import type { ICruiseOptions, IForbiddenRuleType } from 'dependency-cruiser';

/**
 * Who may import whom. The compiler keeps the rooms of app/ apart (project references); these rules say the same in words,
 * and what a compiler cannot see: which folder may use which library. `npm run test:layers` also plants a violation of each
 * rule and checks that exactly that rule bites. Tests may look into the testing folders of other rooms.
 */
const TEST = '\\.test\\.tsx?$|/testing/';
const TYPES_ONLY = { dependencyTypesNot: ['type-only' as const] };

/** A room may import itself and what is listed, nothing else of ours. */
function roomMayImport(room: string, others: readonly string[], why: string): IForbiddenRuleType {
  const allowed = [room, ...others].map((folder) => `^app/${folder}/`).join('|');
  return {
    name: `${room.replace('/', '-')}-imports`,
    comment: why,
    severity: 'error',
    from: { path: `^app/${room}/`, pathNot: TEST },
    to: { path: '^(app|main|renderer)/', pathNot: allowed },
  };
}

/** A library may be used in these folders only. */
function libraryOnlyIn(library: string, folders: readonly string[], why: string): IForbiddenRuleType {
  return {
    name: `${library.replaceAll(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '')}-only-there`,
    comment: why,
    severity: 'error',
    from: { path: '^(app|main|renderer)/', pathNot: [...folders.map((folder) => `^${folder}`), TEST].join('|') },
    to: { path: `node_modules/${library}(/|$)|^${library}$`, ...TYPES_ONLY },
  };
}

const LOW = ['protocol', 'http', 'engine', 'store', 'ledger', 'sharing', 'peers'];

export const layerRules: readonly IForbiddenRuleType[] = [
  roomMayImport('contract', [], 'the contract is what every user interface shares: it imports nothing of ours'),
  roomMayImport('protocol', [], 'the wire is pure: it imports nothing of ours'),
  roomMayImport('http', ['protocol'], 'servers know the error table, not what they serve'),
  roomMayImport('engine', ['protocol'], 'an engine answers prompts; it knows no worker and no ledger'),
  roomMayImport('store', ['protocol'], 'the store opens SQLite; what is in it is the business of others'),
  roomMayImport('ledger', ['store', 'protocol'], 'the ledger has its SQL, the store its connection'),
  roomMayImport('sharing', ['engine', 'protocol'], 'whether to serve is decided without knowing who asks'),
  roomMayImport('peers', ['protocol', 'http'], 'who is out there is known without knowing what is asked of them'),
  roomMayImport(
    'overlay',
    ['protocol', 'http'],
    'the overlay carries bytes between keys; what they say is the business of others',
  ),
  roomMayImport('worker', LOW, 'worker and router meet over the wire, as in life'),
  roomMayImport('router', LOW, 'router and worker meet over the wire, as in life'),
  roomMayImport('idleclaw', LOW, 'the other network: it takes work to the engine, never to the worker or the router'),
  roomMayImport(
    'tracker',
    ['protocol', 'http'],
    'a tracker knows who is there, and nothing of what they do for each other',
  ),
  roomMayImport('openclaw', ['protocol'], 'the plugin and its installation meet the router over the wire'),
  roomMayImport('openclaw/plugin', [], 'the plugin runs inside openclaw, alone: it imports nothing of ours'),
  roomMayImport(
    'runtime',
    ['contract', ...LOW, 'overlay', 'worker', 'router', 'tracker', 'idleclaw', 'openclaw'],
    'the runtime composes; it knows no command line',
  ),
  roomMayImport(
    'cli',
    ['contract', 'runtime', 'openclaw', ...LOW],
    'a command talks to the runtime or over the wire, never to a server room',
  ),
  {
    name: 'renderer-imports',
    comment: 'the pages see the contract and nothing else of ours',
    severity: 'error',
    from: { path: '^renderer/' },
    to: { path: '^(app|main)/', pathNot: '^app/contract/' },
  },
  {
    name: 'preload-imports',
    comment: 'the preload is a door between processes: the contract and Electron, nothing else',
    severity: 'error',
    from: { path: '^main/preload\\.ts$' },
    to: { path: '^(app|renderer)/', pathNot: '^app/contract/' },
  },
  {
    name: 'main-imports',
    comment: 'the shell starts the grid and shows it; rooms below the runtime are not its business',
    severity: 'error',
    from: { path: '^main/', pathNot: TEST },
    to: { path: '^(app|renderer)/', pathNot: '^app/(runtime|contract|protocol|engine)/' },
  },
  libraryOnlyIn('better-sqlite3', ['app/store/'], 'one folder opens SQLite'),
  libraryOnlyIn(
    'express',
    ['app/http/', 'app/worker/', 'app/router/', 'app/tracker/', 'app/idleclaw/hub/', 'app/runtime/control/'],
    'only servers know the web framework',
  ),
  libraryOnlyIn(
    'undici',
    [
      'app/http/',
      'app/engine/',
      'app/peers/',
      'app/overlay/',
      'app/router/',
      'app/idleclaw/',
      'app/runtime/',
      'app/cli/',
    ],
    'one HTTP client, where something is dialled',
  ),
  libraryOnlyIn('@number0/iroh', ['app/overlay/'], 'one folder knows how peers are reached by key'),
  libraryOnlyIn(
    'prom-client',
    ['app/http/', 'app/worker/', 'app/router/', 'app/tracker/', 'app/idleclaw/hub/', 'app/runtime/registry.ts'],
    'only servers count for who watches them',
  ),
  libraryOnlyIn('nostr-tools', ['app/peers/nostr/'], 'one folder knows what a relay is told and believes'),
  libraryOnlyIn('multicast-dns', ['app/peers/lan/'], 'one folder speaks to the local network'),
  libraryOnlyIn('ipaddr.js', ['app/http/', 'app/idleclaw/hub/'], 'what kind of address it is, is decided in one place'),
  libraryOnlyIn('node-llama-cpp', ['app/engine/builtin/'], 'llama.cpp lives in a process of its own'),
  libraryOnlyIn('commander', ['app/cli/'], 'only the command line parses arguments'),
  libraryOnlyIn('electron', ['main/'], 'the grid and the pages run without Electron too'),
  libraryOnlyIn('react', ['renderer/'], 'only the pages are made of components'),
  {
    name: 'no-cycles',
    comment: 'what imports each other cannot be understood apart',
    severity: 'error',
    from: {},
    to: { circular: true, ...TYPES_ONLY, viaOnly: TYPES_ONLY },
  },
];

export const layerOptions: ICruiseOptions = {
  parser: 'swc',
  doNotFollow: { path: 'node_modules' },
  // Tests look into the testing folders of other rooms; they also use syntax that the parser cannot read yet (`using`).
  exclude: { path: TEST },
  tsPreCompilationDeps: 'specify',
  enhancedResolveOptions: {
    extensions: ['.ts', '.tsx', '.js', '.mjs', '.json'],
    conditionNames: ['import', 'node', 'default'],
  },
};
