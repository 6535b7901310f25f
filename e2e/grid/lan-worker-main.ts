import { startTestGrid } from './test-grid.ts';

/** A worker with a model to share, as a process of its own: for a network namespace. Ends when its input does. */
const worker = await startTestGrid({ roles: 'worker' });
process.stdout.write(`${JSON.stringify({ pubkey: worker.grid.pubkey, home: worker.home })}\n`);
process.stdin.resume().once('end', () => void worker[Symbol.asyncDispose]().then(() => process.exit(0)));
