import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { build } from 'vite';
import { findElectron } from '../running/electron-program.ts';

/** Electron links BoringSSL where Node links OpenSSL: what is refused must not depend on which of them is asked. */
test('the Ed25519 vectors hold in the crypto of Electron', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lobstah-vectors-'));
  try {
    await build({
      configFile: false,
      logLevel: 'error',
      ssr: { noExternal: true, external: ['electron'] },
      build: {
        ssr: join(import.meta.dirname, 'crypto-main.ts'),
        outDir: folder,
        target: 'node20',
        rolldownOptions: { output: { format: 'cjs', entryFileNames: 'main.cjs' } },
      },
    });
    const { executable } = await findElectron();
    const output = execFileSync(
      executable,
      [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), join(folder, 'main.cjs')],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 30_000 },
    );
    const { openssl, checked, wrong } = JSON.parse(/^vectors: (.*)$/m.exec(output)?.[1] ?? '{}') as {
      openssl: string;
      checked: number;
      wrong: string[];
    };
    expect(wrong, openssl).toEqual([]);
    expect(checked).toBeGreaterThan(50);
    // BoringSSL has no version to tell: Electron prints 0.0.0.
    expect(openssl).toBe('0.0.0');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
