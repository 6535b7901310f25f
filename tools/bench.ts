import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createLoad, type Load } from './bench/load.ts';
import type { Used } from './bench/measured-process.ts';
import { KINDS, PARALLEL, requestsOf, type Kind } from './bench/workload.ts';

/**
 * npm run bench: the router beside the engine asked directly and a bare express 5 + undici pass-through. Rounds are
 * interleaved, so that what else the machine does meets all three alike; numbers are medians over rounds.
 */
const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    kind: { type: 'string' },
    parallel: { type: 'string' },
    help: { type: 'boolean' },
  },
});
if (options.help) {
  console.log(`npm run bench [-- --quick] [--json] [--rounds 5] [--kind json|"at once"|paced] [--parallel 64]

Asks an engine directly, through a bare express 5 + undici pass-through, and through the router: JSON answers, and streams of
64 chunks at once and paced (50 ms to the first, one per 20 ms), 1, 16, 64 and 256 at a time.`);
  process.exit(0);
}
const rounds = Number(options.rounds ?? (options.quick ? 3 : 5));
const scale = options.quick ? 0.5 : 1;

type Way = 'direct' | 'pass-through' | 'router';
const WAYS: readonly Way[] = ['direct', 'pass-through', 'router'];

interface Part {
  readonly child: ChildProcess;
  readonly url: string;
  readonly pubkey?: string;
}

const parts: Part[] = [];
const folder = mkdtempSync(join(tmpdir(), 'lobstah-bench-'));

function start(file: string, args: readonly string[]): Promise<Part> {
  const child = fork(join(import.meta.dirname, 'bench', file), args, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${file} ended with ${String(code)}`)));
    child.once('message', (said) => {
      const part = { child, ...(said as { url: string; pubkey?: string }) };
      parts.push(part);
      resolve(part);
    });
  });
}

function usage({ child }: Part): Promise<Used> {
  return new Promise((resolve) => {
    child.once('message', (used) => resolve(used as Used));
    child.send('usage');
  });
}

interface Line {
  readonly perSecond: number;
  readonly firstMs: number;
  readonly gapP50Ms: number;
  readonly gapP999Ms: number;
  readonly cpuMs: number | undefined;
}

function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) return NaN;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
}
const median = (values: readonly number[]) => quantile(values, 0.5);

async function measure(way: Way, part: Part, load: Load, kind: Kind, parallel: number): Promise<Line> {
  const requests = requestsOf(kind, parallel, scale);
  const before = way === 'direct' ? undefined : await usage(part);
  const round = await load.run(kind, parallel, requests);
  const after = before && (await usage(part));
  return {
    perSecond: round.perSecond,
    firstMs: median(round.firstMs),
    gapP50Ms: median(round.gapsMs),
    gapP999Ms: quantile(round.gapsMs, 0.999),
    cpuMs: before && after && (after.cpuMs - before.cpuMs) / requests,
  };
}

function medians(lines: readonly Line[]): Line {
  const of = (pick: (line: Line) => number) => median(lines.map(pick));
  return {
    perSecond: of(({ perSecond }) => perSecond),
    firstMs: of(({ firstMs }) => firstMs),
    gapP50Ms: of(({ gapP50Ms }) => gapP50Ms),
    gapP999Ms: of(({ gapP999Ms }) => gapP999Ms),
    cpuMs: lines[0]?.cpuMs === undefined ? undefined : of(({ cpuMs }) => cpuMs ?? NaN),
  };
}

const cell = (value: number | undefined, digits: number, width: number) =>
  (value === undefined || Number.isNaN(value) ? '–' : value.toFixed(digits)).padStart(width);

function print(kind: Kind, parallel: number, result: Record<Way, Line>): void {
  const pass = result['pass-through'];
  for (const way of WAYS) {
    const line = result[way];
    const against = way === 'router' ? `${cell(line.perSecond / pass.perSecond, 2, 7)}×` : ' '.repeat(8);
    const cpuAgainst =
      way === 'router' && line.cpuMs && pass.cpuMs ? `${cell(line.cpuMs / pass.cpuMs, 2, 7)}×` : ' '.repeat(8);
    console.log(
      `${(way === 'direct' ? `${kind}, ${parallel}` : '').padEnd(14)}${way.padEnd(13)}` +
        `${cell(line.perSecond, 0, 7)}/s${against}` +
        cell(way === 'direct' ? undefined : line.firstMs - result.direct.firstMs, 2, 11) +
        `${cell(line.gapP50Ms, 2, 9)}${cell(line.gapP999Ms, 2, 9)}` +
        `${cell(line.cpuMs, 3, 10)}${cpuAgainst}`,
    );
  }
}

try {
  const engine = await start('engine-process.ts', []);
  const pass = await start('pass-through-process.ts', [engine.url]);
  const router = await start('router-process.ts', [join(folder, 'home'), engine.url, engine.pubkey ?? '']);
  const targets: Record<Way, Part> = { direct: engine, 'pass-through': pass, router };
  const loads: Record<Way, Load> = {
    direct: createLoad(engine.url),
    'pass-through': createLoad(pass.url),
    router: createLoad(router.url),
  };
  const kinds = KINDS.filter((kind) => !options.kind || kind === options.kind);
  const parallels = PARALLEL.filter((parallel) => !options.parallel || parallel === Number(options.parallel));
  const results: object[] = [];
  if (!options.json)
    console.log(
      `${'what, at once'.padEnd(14)}${'way'.padEnd(13)}${'answers'.padStart(9)}${'of pass'.padStart(8)}` +
        `${'+first ms'.padStart(11)}${'gap p50'.padStart(9)}${'p99.9 ms'.padStart(9)}${'CPU ms'.padStart(10)}${'of pass'.padStart(8)}`,
    );
  for (const kind of kinds)
    for (const parallel of parallels) {
      const lines: Record<Way, Line[]> = { direct: [], 'pass-through': [], router: [] };
      // The first requests compile code and open connections: not what is measured.
      for (const way of WAYS) await loads[way].run(kind, parallel, requestsOf(kind, parallel, scale));
      for (let round = 0; round < rounds; round += 1)
        // another one begins each round: whoever is first meets a rested machine
        for (let turn = 0; turn < WAYS.length; turn += 1) {
          const way = WAYS[(round + turn) % WAYS.length]!;
          lines[way].push(await measure(way, targets[way], loads[way], kind, parallel));
        }
      const result = {
        direct: medians(lines.direct),
        'pass-through': medians(lines['pass-through']),
        router: medians(lines.router),
      };
      results.push({ kind, parallel, ...result });
      if (!options.json) print(kind, parallel, result);
    }
  for (const way of WAYS) await loads[way].close();
  const [passUsed, routerUsed] = [await usage(pass), await usage(router)];
  if (options.json)
    console.log(
      JSON.stringify({ rounds, results, peakMb: { passThrough: passUsed.peakMb, router: routerUsed.peakMb } }),
    );
  else
    console.log(
      `peak memory: pass-through ${passUsed.peakMb.toFixed(0)} MB, router ${routerUsed.peakMb.toFixed(0)} MB (${(routerUsed.peakMb / passUsed.peakMb).toFixed(2)}×)`,
    );
} finally {
  for (const { child } of parts) {
    child.removeAllListeners('exit');
    child.kill();
  }
  rmSync(folder, { recursive: true, force: true });
}
