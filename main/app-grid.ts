import { join } from 'node:path';
import { app, clipboard, powerMonitor, powerSaveBlocker, safeStorage } from 'electron';
import { startGrid, type Grid } from '../app/runtime/grid.ts';
import { findHome } from '../app/runtime/home.ts';
import packageJson from '../package.json' with { type: 'json' };
import type { AppFiles } from './app-files.ts';
import { keepAwake } from './keep-awake.ts';
import { llamaUtilityProcess } from './llama-utility-process.ts';
import { loginItem } from './login-item.ts';
import { powerSignals } from './power-signals.ts';
import { openSecretStore } from './secrets.ts';
import { openOutsideLink } from './outside-links.ts';
import type { Windows } from './windows/windows.ts';

/**
 * The same grid that `lobstah up` runs, in the same home: its worker, router and control socket, with the app's windows.
 * @throws GridError as startGrid does
 */
export function startAppGrid({ files, windows }: { files: AppFiles; windows: Windows }): Promise<Grid> {
  const { env } = process;
  const home = findHome(env);
  return startGrid(
    {
      home,
      worker: { sharing: 'switch' },
      router: {},
      control: true,
      openclawPlugin: files.openclawPlugin,
      env,
      version: packageJson.version,
    },
    {
      engineHost: { spawnHost: llamaUtilityProcess(files.llamaHost), sampleModelPath: files.sampleModel },
      secrets: openSecretStore(join(app.getPath('userData'), 'secrets.json'), safeStorage),
      ledgerThreadUrl: files.ledgerThreadUrl,
      signals: powerSignals(powerMonitor),
      keepAwake: keepAwake(powerSaveBlocker),
      shell: {
        showWindow: (args) => windows.show(args),
        hidePopover: () => windows.popover.hide(),
        copyText: (text) => clipboard.writeText(text),
        openLink: ({ link }) => openOutsideLink(link),
        startAtLogin: loginItem(app),
      },
    },
  );
}
