import { writeFileSync } from 'node:fs';
import { startGrid } from '../../app/runtime/grid.ts';
import { findHome, openHome } from '../../app/runtime/home.ts';
import { keepYoungHeapSmall } from '../../app/runtime/young-heap.ts';
import { answerUsage } from './measured-process.ts';

/** The router as `lobstah router start` runs it, with one peer: the engine. */
const [folder = '', url = '', pubkey = ''] = process.argv.slice(2);
keepYoungHeapSmall();
const home = findHome({ LOBSTAH_HOME: folder });
openHome(home);
writeFileSync(home.peersFile, JSON.stringify([{ pubkey, url, label: 'engine' }]));
const grid = await startGrid({ home, env: process.env, version: 'bench', router: { port: 0 } });
answerUsage();
process.on('message', (message) => {
  if (message === 'stop') void grid.stop().then(() => process.disconnect());
});
process.send?.({ url: grid.routerUrl });
