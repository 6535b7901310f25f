import { writeFileSync } from 'node:fs';
import { startGrid } from '../../app/runtime/grid.ts';
import { findHome, openHome } from '../../app/runtime/home.ts';

/** A worker as `lobstah worker start` runs it, reached over TCP and over the overlay, with the engine of the benchmark. */
const [folder = '', engineUrl = ''] = process.argv.slice(2);
const home = findHome({ LOBSTAH_HOME: folder });
openHome(home);
writeFileSync(
  home.settingsFile,
  JSON.stringify({
    overlay: { state: 'on', relay: 'none', relayOnly: false },
    worker: { concurrency: 64, maxQueue: 1_000, giftTokensPerDay: 1_000_000_000 },
  }),
);
const env = { LOBSTAH_ENGINE: 'openai', LOBSTAH_ENGINE_URL: `${engineUrl}/v1`, LOBSTAH_LOG: 'error' };
const grid = await startGrid({ home, env, version: 'bench', worker: { port: 0, sharing: 'always' } });
const { overlay } = await grid.look();
process.on('message', (message) => {
  if (message === 'stop') void grid.stop().then(() => process.disconnect());
});
process.send?.({ url: grid.workerUrl, address: overlay.state === 'on' ? overlay.address : undefined });
