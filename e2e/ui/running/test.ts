import { test as base } from '@playwright/test';
import { startChromiumLobstah } from './chromium-lobstah.ts';
import { openDisplay } from './display.ts';
import { startElectronLobstah, type ElectronLobstah } from './electron-lobstah.ts';
import type { Program } from './electron-program.ts';
import type { RunningLobstah } from './running-lobstah.ts';
import { createTestHome } from './test-home.ts';

export interface ShellOption {
  /** set by the project */
  readonly shell: 'app' | 'browser';
  readonly program: Program;
  /** whether the introduction was left behind before the start; `test.use({ onboardingDone: true })` */
  readonly onboardingDone: boolean;
  /** more for the environment of Lobstah; `test.use({ env: { OLLAMA_HOST: … } })` */
  readonly env: Readonly<Record<string, string>>;
}

interface Fixtures {
  /** a Lobstah that was never started before, on free ports, stopped after the test */
  readonly lobstah: RunningLobstah;
  /** the same, for specs of the app alone */
  readonly electron: ElectronLobstah;
}

interface WorkerFixtures {
  /** the environment that says where the screen is */
  readonly display: Readonly<Record<string, string>>;
}

export const test = base.extend<ShellOption & Fixtures & { home: string }, WorkerFixtures>({
  shell: ['app', { option: true }],
  program: ['built', { option: true }],
  onboardingDone: [false, { option: true }],
  env: [{}, { option: true }],

  display: [
    // A pattern there must be: Playwright reads from it what a fixture needs.
    async ({ playwright: _ }, use) => {
      const display = await openDisplay();
      await use(display ? { DISPLAY: display.name } : {});
      display?.close();
    },
    { scope: 'worker' },
  ],
  home: async ({ onboardingDone }, use) => {
    const home = createTestHome({ onboardingDone });
    await use(home.path);
    home.remove();
  },
  electron: async ({ home, program, env, display }, use) => {
    const electron = await startElectronLobstah({ home, program, env: { ...display, ...env } });
    await use(electron);
    await electron.stop();
  },
  lobstah: async ({ shell, home, program, env, display }, use) => {
    const lobstah = await (shell === 'app'
      ? startElectronLobstah({ home, program, env: { ...display, ...env } })
      : startChromiumLobstah({ home, env }));
    await use(lobstah);
    await lobstah.stop();
  },
});

export { expect } from '@playwright/test';
