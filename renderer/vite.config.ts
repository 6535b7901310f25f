import { gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** What the pages may weigh on the wire, all files together (issue 4). */
const MAX_GZIPPED_BYTES = 350_000;
/** Fonts are compressed already; gzip only adds a header. */
const COMPRESSED = /\.woff2$/;

/** Prints what the pages weigh and breaks the build when they grow over the limit. */
function bundleBudget(): Plugin {
  return {
    name: 'bundle-budget',
    apply: 'build',
    writeBundle(_options, bundle) {
      let total = 0;
      for (const file of Object.values(bundle)) {
        const bytes = Buffer.from(file.type === 'chunk' ? file.code : file.source);
        total += COMPRESSED.test(file.fileName) ? bytes.length : gzipSync(bytes).length;
      }
      const line = `pages: ${(total / 1000).toFixed(1)} kB gzipped of at most ${MAX_GZIPPED_BYTES / 1000} kB`;
      if (total > MAX_GZIPPED_BYTES) throw new Error(`${line}: too large`);
      console.log(line);
    },
  };
}

/** `vite build` makes the shipped pages; `vite build --mode mock` the same ones on a mock bridge, for specs and screenshots. */
export default defineConfig(({ mode }) => {
  const isMock = mode === 'mock';
  return {
    root: import.meta.dirname,
    base: './',
    plugins: [react(), bundleBudget()],
    build: {
      outDir: isMock ? '../build/renderer-mock' : '../build/renderer',
      emptyOutDir: true,
      target: 'chrome130',
      // The CSP allows fonts and scripts from 'self' only, never from data: URLs.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      // Read from disk or loopback; bundle-budget watches the sum.
      chunkSizeWarningLimit: 800,
      rolldownOptions: { input: `${import.meta.dirname}/${isMock ? 'mock.html' : 'index.html'}` },
    },
  };
});
