import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { cruise, type ICruiseOptions, type ICruiseResult } from 'dependency-cruiser';
import { layerOptions, layerRules } from './layer-rules.ts';

/**
 * npm run test:layers: the rules of layer-rules.ts hold for the code, and each of them bites: for every rule a
 * violation is planted in a small tree of its own, and that rule has to report it. The last line counts.
 */
const ROOT = join(import.meta.dirname, '..');
/** Far fewer would mean that the parser saw nothing and every rule "holds". */
const MIN_MODULES = 100;

interface Rule {
  readonly name: string;
}
const rules = layerRules as readonly Rule[];

/** file → content of the smallest tree that breaks the rule of that name */
const PLANTED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'contract-imports': planted('app/contract', 'app/protocol'),
  'protocol-imports': planted('app/protocol', 'app/http'),
  'http-imports': planted('app/http', 'app/ledger'),
  'engine-imports': planted('app/engine', 'app/worker'),
  'store-imports': planted('app/store', 'app/ledger'),
  'ledger-imports': planted('app/ledger', 'app/worker'),
  'sharing-imports': planted('app/sharing', 'app/ledger'),
  'peers-imports': planted('app/peers', 'app/router'),
  'overlay-imports': planted('app/overlay', 'app/worker'),
  'worker-imports': planted('app/worker', 'app/router'),
  'router-imports': planted('app/router', 'app/worker'),
  'idleclaw-imports': planted('app/idleclaw', 'app/worker'),
  'tracker-imports': planted('app/tracker', 'app/peers'),
  'openclaw-imports': planted('app/openclaw', 'app/router'),
  'openclaw-plugin-imports': planted('app/openclaw/plugin', 'app/protocol'),
  'runtime-imports': planted('app/runtime', 'app/cli'),
  'cli-imports': planted('app/cli', 'app/worker'),
  'renderer-imports': planted('renderer', 'app/protocol'),
  'preload-imports': { 'main/preload.ts': "import '../app/runtime/b.ts';\n", 'app/runtime/b.ts': 'export {};\n' },
  'main-imports': planted('main', 'app/ledger'),
  'better-sqlite3-only-there': library('app/ledger', 'better-sqlite3'),
  'express-only-there': library('app/ledger', 'express'),
  'undici-only-there': library('app/worker', 'undici'),
  'number0-iroh-only-there': library('app/worker', '@number0/iroh'),
  'prom-client-only-there': library('app/peers', 'prom-client'),
  'nostr-tools-only-there': library('app/peers', 'nostr-tools'),
  'multicast-dns-only-there': library('app/peers', 'multicast-dns'),
  'ipaddr-js-only-there': library('app/peers', 'ipaddr.js'),
  'node-llama-cpp-only-there': library('app/worker', 'node-llama-cpp'),
  'commander-only-there': library('app/runtime', 'commander'),
  'electron-only-there': library('app/runtime', 'electron'),
  'react-only-there': library('app/runtime', 'react'),
  'no-cycles': {
    'app/protocol/a.ts': "import { b } from './b.ts';\nexport const a = () => b;\n",
    'app/protocol/b.ts': "import { a } from './a.ts';\nexport const b = () => a;\n",
  },
};

function planted(from: string, to: string): Record<string, string> {
  const up = '../'.repeat(from.split('/').length);
  return {
    [`${from}/a.ts`]: `import { b } from '${up}${to}/b.ts';\nexport const a = b;\n`,
    [`${to}/b.ts`]: 'export const b = 1;\n',
  };
}

function library(from: string, name: string): Record<string, string> {
  return { [`${from}/a.ts`]: `import * as lib from '${name}';\nexport const a = lib;\n` };
}

async function cruiseTree(root: string): Promise<ICruiseResult> {
  const folders = ['app', 'main', 'renderer'].filter((folder) => existsSync(join(root, folder)));
  const { output } = await cruise(folders, {
    ...layerOptions,
    baseDir: root,
    ruleSet: { forbidden: layerRules },
    validate: true,
  } as ICruiseOptions);
  if (typeof output === 'string') throw new Error(output);
  return output;
}

const violationsOf = ({ summary }: ICruiseResult) =>
  summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`);

/** Every rule needs a planted violation; one without is a wish. */
async function findDeadRules(): Promise<string[]> {
  const problems: string[] = [];
  const folder = mkdtempSync(join(ROOT, 'build', 'layers-'));
  try {
    for (const { name } of rules) {
      const files = PLANTED[name];
      if (!files) {
        problems.push(`rule ${name} has no planted violation`);
        continue;
      }
      const root = join(folder, name);
      for (const [file, content] of Object.entries(files)) {
        mkdirSync(join(root, file, '..'), { recursive: true });
        writeFileSync(join(root, file), content);
      }
      symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
      const fired = new Set((await cruiseTree(root)).summary.violations.map(({ rule }) => rule.name));
      if (!fired.has(name))
        problems.push(
          `rule ${name} did not report its planted violation (reported: ${[...fired].join(', ') || 'nothing'})`,
        );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return problems;
}

/** The compiler's wall: a copy of two rooms, with an import from the lower to the higher one, must not compile. */
function compilerWallProblem(): string | undefined {
  const folder = mkdtempSync(join(ROOT, 'build', 'wall-'));
  try {
    cpSync(join(ROOT, 'tsconfig.base.json'), join(folder, 'tsconfig.base.json'));
    for (const room of ['protocol', 'http']) {
      mkdirSync(join(folder, 'app', room), { recursive: true });
      cpSync(join(ROOT, 'app', room, 'tsconfig.json'), join(folder, 'app', room, 'tsconfig.json'));
    }
    writeFileSync(join(folder, 'app/http/b.ts'), 'export const b = 1;\n');
    writeFileSync(join(folder, 'app/protocol/a.ts'), "import { b } from '../http/b.ts';\nexport const a = b;\n");
    const { status, stdout } = spawnSync(
      join(ROOT, 'node_modules/.bin/tsc'),
      ['--build', join(folder, 'app/protocol')],
      { encoding: 'utf8' },
    );
    return status !== 0 && stdout.includes('TS6307')
      ? undefined
      : `an import from protocol to http compiled: ${stdout}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

mkdirSync(join(ROOT, 'build'), { recursive: true });
const whole = await cruiseTree(ROOT);
const problems = violationsOf(whole);
if (whole.summary.totalCruised < MIN_MODULES) problems.push(`only ${whole.summary.totalCruised} modules were seen`);
problems.push(...(await findDeadRules()));
const wall = compilerWallProblem();
if (wall) problems.push(wall);
for (const room of readdirSync(join(ROOT, 'app')))
  if (!readFileSync(join(ROOT, 'tsconfig.json'), 'utf8').includes(`"app/${room}"`))
    problems.push(`app/${room} is not in tsconfig.json`);

for (const problem of problems) console.error(problem);
console.log(
  `${whole.summary.totalCruised} modules, ${rules.length} rules, each with a planted violation: ${problems.length} problems`,
);
process.exitCode = problems.length === 0 ? 0 : 1;
