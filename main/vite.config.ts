import { join } from 'node:path';
import { defineConfig } from 'vite';

/**
 * `vite build` makes the main process and what runs beside it (the ledger's thread, the process with llama.cpp), `vite build
 * --mode preload` the one script that a sandboxed page may be given: a single CommonJS file.
 *
 * LOBSTAH_SQLITE=libsql makes the build for the Electron of the tests, whose Node-API is too old for better-sqlite3.
 */
const sqlite = process.env['LOBSTAH_SQLITE'] ?? 'better-sqlite3';
const outDir = sqlite === 'libsql' ? '../build/main-e33' : '../build/main';
const root = join(import.meta.dirname, '..');

/** Native, or loaded only when wanted: these stay packages. Everything else is in the bundle. */
const PACKAGES = ['electron', 'better-sqlite3', 'libsql', 'node-llama-cpp', '@number0/iroh'];

export default defineConfig(({ mode }) => {
  const isPreload = mode === 'preload';
  return {
    root: import.meta.dirname,
    resolve: { alias: sqlite === 'libsql' ? { 'better-sqlite3': 'libsql' } : {} },
    ssr: { noExternal: true, external: PACKAGES },
    build: {
      ssr: true,
      outDir,
      emptyOutDir: !isPreload,
      // The oldest Node it meets: the one in the Electron of the tests.
      target: 'node20',
      minify: false,
      sourcemap: true,
      rolldownOptions: isPreload
        ? {
            input: join(root, 'main/preload.ts'),
            output: { format: 'cjs', entryFileNames: 'preload.cjs', codeSplitting: false },
          }
        : {
            input: {
              index: join(root, 'main/index.ts'),
              'ledger-thread': join(root, 'app/ledger/ledger-thread.ts'),
              'llama-utility': join(root, 'main/llama-utility.ts'),
            },
            output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
          },
    },
  };
});
