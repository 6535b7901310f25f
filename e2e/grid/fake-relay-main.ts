import { startFakeRelay } from './fake-relay.ts';

/** The small relay as a process of its own, at the address it is given: for a network namespace. */
const relay = await startFakeRelay(0, process.argv[2]);
process.stdout.write(`${relay.url}\n`);
