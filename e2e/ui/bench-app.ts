import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from '@playwright/test';
import { startFakeOllama } from '../../app/engine/testing/fake-ollama.ts';
import { SYSTEM_CHROMIUM } from './running/chromium-lobstah.ts';
import { startElectronLobstah, type ElectronLobstah } from './running/electron-lobstah.ts';
import { serveMockPages } from './running/mock-pages.ts';
import { processesOf } from './running/processes-of.ts';
import { createTestHome } from './running/test-home.ts';

/**
 * npm run bench:app: what the app costs. Memory and CPU of all its processes, idle and serving; how soon the popover shows its
 * content; long tasks while long lists scroll. Linux, on a display (`xvfb-run -a npm run bench:app`).
 */
const IDLE_MS = 20_000;
const SERVING_MS = 15_000;
const POPOVER_ROUNDS = 9;

/** proc(5): utime and stime in clock ticks, which are 10 ms on Linux. */
const TICK_MS = 10;

interface Cost {
  readonly cpuMs: number;
  readonly memoryMb: number;
  readonly switches: number;
}

function costOf(pid: string): Cost {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const cells = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kb = /^Pss: +(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? '0';
    const switches =
      readdirSync(`/proc/${pid}/task`).length === 0
        ? '0'
        : (/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1] ?? '0');
    return {
      cpuMs: (Number(cells[11]) + Number(cells[12])) * TICK_MS,
      memoryMb: Number(kb) / 1024,
      switches: Number(switches),
    };
  } catch {
    return { cpuMs: 0, memoryMb: 0, switches: 0 };
  }
}

function roleOf(pid: string): string {
  const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  const type = /--type=([a-z-]+)/.exec(command)?.[1] ?? 'main';
  return /--utility-sub-type=([\w.]+)/.exec(command)?.[1] ?? type;
}

/** Prints what each process used in this time. Memory is proportional (shared pages are divided among those who share them). */
async function measure(title: string, home: string, ms: number): Promise<void> {
  const before = new Map(processesOf(home).map((pid) => [pid, costOf(pid)]));
  await sleep(ms);
  console.log(`\n${title} (${ms / 1000} s)`);
  let memory = 0;
  let cpu = 0;
  for (const [pid, start] of before) {
    const now = costOf(pid);
    if (now.memoryMb === 0) continue;
    const percent = ((now.cpuMs - start.cpuMs) / ms) * 100;
    memory += now.memoryMb;
    cpu += percent;
    const wakeUps = (now.switches - start.switches) / (ms / 1000);
    console.log(
      `  ${roleOf(pid).padEnd(34)} ${now.memoryMb.toFixed(0).padStart(5)} MB  ${percent.toFixed(1).padStart(5)} % CPU  ${wakeUps.toFixed(1).padStart(7)} wake-ups/s of its main thread`,
    );
  }
  console.log(`  ${'all'.padEnd(34)} ${memory.toFixed(0).padStart(5)} MB  ${cpu.toFixed(1).padStart(5)} % CPU`);
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** From the click on the icon to two frames after the content is in the page, in ms; the first, cold one apart. */
async function measurePopover(lobstah: ElectronLobstah): Promise<void> {
  const times: number[] = [];
  const page = await lobstah.openPopover();
  await page.getByRole('switch').waitFor();
  for (let round = 0; round < POPOVER_ROUNDS; round += 1) {
    await page.keyboard.press('Escape');
    await sleep(300);
    const shown = page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          const seen = () => {
            if (document.visibilityState === 'visible')
              requestAnimationFrame(() => requestAnimationFrame(() => resolve(Date.now())));
            else setTimeout(seen, 1);
          };
          seen();
        }),
    );
    const clickedMs = await lobstah.app.evaluate(() => {
      const now = Date.now();
      globalThis.lobstahTray?.emit('click');
      return now;
    });
    times.push((await shown) - clickedMs);
  }
  console.log(
    `\npopover: content ${median(times)} ms after the click (median of ${times.length}, slowest ${Math.max(...times)})`,
  );
}

/** Long tasks (over 50 ms) while a list is scrolled from top to bottom; the best of three, because the machine is shared. */
async function measureScrolling(): Promise<void> {
  const pages = await serveMockPages();
  const browser = await chromium.launch({
    executablePath: SYSTEM_CHROMIUM,
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
  for (const [name, query] of [
    ['ledger', 'entries=10000'],
    ['peers', 'peers=300'],
  ] as const) {
    const rounds: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const page = await browser.newPage({ viewport: { width: 1080, height: 720 } });
      await page.goto(`${pages.url}/mock.html?scene=busy&still&${query}#/dashboard/${name}`);
      await page.getByRole('row').nth(5).waitFor();
      await sleep(1_000);
      await page.evaluate(() => {
        const tasks: number[] = [];
        Object.assign(globalThis, { longTasks: tasks });
        new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({
          type: 'longtask',
        });
      });
      await page.mouse.move(640, 400);
      for (let step = 0; step < 120; step += 1) {
        await page.mouse.wheel(0, 400);
        await sleep(16);
      }
      const tasks = await page.evaluate(() => (globalThis as unknown as { longTasks: number[] }).longTasks);
      rounds.push(tasks.length === 0 ? 0 : Math.max(...tasks));
      await page.close();
    }
    console.log(
      `${name} (${query}): longest task while scrolling ${Math.min(...rounds).toFixed(0)} ms (rounds: ${rounds.map((ms) => ms.toFixed(0)).join(', ')})`,
    );
  }
  await browser.close();
  await pages.close();
}

const ollama = await startFakeOllama({ models: [{ name: 'm:1b' }], tokens: 400, tokenDelayMs: 20 });
const home = createTestHome({ onboardingDone: true });
const startedMs = performance.now();
const lobstah = await startElectronLobstah({
  home: home.path,
  env: { OLLAMA_HOST: ollama.url, LOBSTAH_ENGINE: 'ollama' },
});
console.log(`app: first page and grid ready ${Math.round(performance.now() - startedMs)} ms after its start`);
await measurePopover(lobstah);
for (const window of lobstah.app.windows()) await window.close().catch(() => undefined);
await sleep(5_000);
await measure('idle, all windows closed', home.path, IDLE_MS);
const serving = new AbortController();
const answers = Array.from({ length: 4 }, async () => {
  while (!serving.signal.aborted)
    await fetch(`${lobstah.routerUrl}/v1/chat/completions`, {
      method: 'POST',
      signal: serving.signal,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'm:1b', stream: true, messages: [{ role: 'user', content: 'hello' }] }),
    })
      .then((response) => response.text())
      .catch(() => '');
});
await sleep(2_000);
await measure('serving four streams of 50 tokens/s', home.path, SERVING_MS);
serving.abort();
await Promise.all(answers);
await lobstah.stop();
await ollama.close();
home.remove();
await measureScrolling();
