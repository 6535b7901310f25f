import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { z } from 'zod';
import { ALLOWED_SKIPS } from './allowed-skips.ts';

/**
 * npm test: everything that has to hold, fastest first. `--full` adds what takes long or downloads much. A stage without tests
 * of its own (types, lint, layers) counts as one. The last line is `N passed, N failed, N skipped`.
 */
const ROOT = join(import.meta.dirname, '..');
const RESULTS = join(ROOT, 'build', 'test-results');
const BIN = join(ROOT, 'node_modules', '.bin');
const full = process.argv.includes('--full');

interface Counts {
  readonly passed: number;
  readonly failed: number;
  /** full names */
  readonly skipped: readonly string[];
}

interface Stage {
  readonly name: string;
  readonly command: readonly string[];
  /** reads what the stage counted; without it the stage is one test */
  readonly counts?: () => Counts;
  readonly env?: Readonly<Record<string, string>>;
}

const stages: readonly Stage[] = [
  { name: 'types', command: ['tsc', '--build'] },
  { name: 'lint', command: ['oxlint', '--type-aware'] },
  { name: 'format', command: ['prettier', '--check', '--log-level', 'warn', '.'] },
  { name: 'layers', command: ['node', 'tools/layers.ts'] },
  vitestStage('unit'),
  vitestStage('grid'),
  ...uiStages(),
  ...(full ? [vitestStage('full')] : []),
];

function vitestStage(project: string): Stage {
  const file = join(RESULTS, `${project}.json`);
  return {
    name: project,
    command: [
      'vitest',
      'run',
      '--project',
      project,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
    ],
    counts: () => vitestCounts(file),
  };
}

function uiStages(): Stage[] {
  if (!existsSync(join(ROOT, 'e2e/ui/playwright.config.ts'))) return [];
  const file = join(RESULTS, 'ui.json');
  return [
    { name: 'pages and app', command: ['npm', 'run', '--silent', 'build:app:test'] },
    {
      name: 'ui',
      command: ['playwright', 'test', '--config', 'e2e/ui/playwright.config.ts'],
      env: { PLAYWRIGHT_JSON_OUTPUT_NAME: file },
      counts: () => playwrightCounts(file),
    },
  ];
}

const vitestSchema = z.object({
  testResults: z.array(
    z.object({
      status: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});

function vitestCounts(file: string): Counts {
  const { testResults } = vitestSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  // A file that could not be loaded, or whose hooks failed, has no failed test of its own.
  const broken = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  );
  return {
    passed: tests.filter(({ status }) => status === 'passed').length,
    failed: tests.filter(({ status }) => status === 'failed').length + broken.length,
    skipped: tests.filter(({ status }) => status !== 'passed' && status !== 'failed').map(({ fullName }) => fullName),
  };
}

interface Suite {
  readonly title: string;
  readonly specs?:
    readonly { readonly title: string; readonly tests: readonly { readonly status: string }[] }[] | undefined;
  readonly suites?: readonly Suite[] | undefined;
}
const suiteSchema: z.ZodType<Suite> = z.lazy(() =>
  z.object({
    title: z.string(),
    specs: z.array(z.object({ title: z.string(), tests: z.array(z.object({ status: z.string() })) })).optional(),
    suites: z.array(suiteSchema).optional(),
  }),
);

function playwrightCounts(file: string): Counts {
  const { suites } = z.object({ suites: z.array(suiteSchema) }).parse(JSON.parse(readFileSync(file, 'utf8')));
  const tests = suites.flatMap((suite) => testsOf(suite, ''));
  for (const { name } of tests.filter(({ status }) => status === 'flaky')) console.log(`needed a second try: ${name}`);
  const having = (...statuses: string[]) => tests.filter(({ status }) => statuses.includes(status));
  return {
    passed: having('expected', 'flaky').length,
    failed: having('unexpected').length,
    skipped: having('skipped').map(({ name }) => name),
  };
}

function testsOf(suite: Suite, prefix: string): { name: string; status: string }[] {
  const name = `${prefix} ${suite.title}`;
  return [
    ...(suite.specs ?? []).flatMap((spec) =>
      spec.tests.map(({ status }) => ({ name: `${name} ${spec.title}`.trim(), status })),
    ),
    ...(suite.suites ?? []).flatMap((inner) => testsOf(inner, name)),
  ];
}

function run({ command, env }: Stage): Promise<number> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, ...env, PATH: `${BIN}:${process.env['PATH'] ?? ''}` },
  });
  return new Promise((resolve) => {
    child.once('error', (error) => {
      console.error(error.message);
      resolve(1);
    });
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

/** The stage's own count; when it failed without counting a failure, that is one. */
function countOf(stage: Stage, code: number): Counts {
  if (!stage.counts) return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: [] };
  try {
    const counts = stage.counts();
    return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
  } catch (error) {
    console.error(`${stage.name}: no readable results (${error instanceof Error ? error.message : ''})`);
    return { passed: 0, failed: 1, skipped: [] };
  }
}

rmSync(RESULTS, { recursive: true, force: true });
mkdirSync(RESULTS, { recursive: true });
let passed = 0;
let failed = 0;
const skipped: string[] = [];
for (const stage of stages) {
  console.log(`\n${styleText('bold', stage.name)}`);
  const startedMs = performance.now();
  const code = await run(stage);
  const counts = countOf(stage, code);
  passed += counts.passed;
  failed += counts.failed;
  skipped.push(...counts.skipped);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(`${stage.name}: ${counts.failed === 0 ? 'ok' : `${counts.failed} FAILED`} in ${seconds} s`);
}

for (const name of skipped) {
  const allowed = ALLOWED_SKIPS.find((allowance) => allowance.name.test(name));
  console.log(`skipped: ${name}: ${allowed?.reason ?? 'without a known reason'}`);
  if (!allowed && process.env['CI']) failed += 1;
}
console.log(`\n${passed} passed, ${failed} failed, ${skipped.length} skipped`);
process.exitCode = failed === 0 ? 0 : 1;
