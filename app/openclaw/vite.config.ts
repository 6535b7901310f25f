import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vite';

const PLUGIN = join(import.meta.dirname, 'plugin');
const OUT = join(import.meta.dirname, '../../build/openclaw-plugin');

/** `vite build` makes the folder that openclaw installs: one readable script, its manifest, and nothing to download. */
export default defineConfig({
  root: import.meta.dirname,
  ssr: { noExternal: true },
  plugins: [
    {
      name: 'package-files',
      writeBundle: ({ dir = OUT }) => cpSync(join(PLUGIN, 'package'), dir, { recursive: true }),
    },
  ],
  build: {
    ssr: true,
    outDir: OUT,
    emptyOutDir: true,
    target: 'node22',
    minify: false,
    rolldownOptions: {
      // openclaw resolves its own modules for the plugins it loads.
      external: /^openclaw\//,
      input: { index: join(PLUGIN, 'index.ts') },
      output: { format: 'es', entryFileNames: '[name].js', codeSplitting: false },
    },
  },
});
