import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Streams that were under way let go of the endpoint a moment after it closed. */
const AGAIN_MS = [50, 500];

/**
 * The binding gives an endpoint's UDP sockets back when the last object that knows it is collected, not when it is closed, and an
 * idle Lobstah may not collect for hours. Off means no socket, so the collector is called; it takes some 20 ms.
 */
export async function letGo(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  setFlagsFromString('--no-expose-gc');
  for (const ms of AGAIN_MS) {
    await new Promise((resolve) => setTimeout(resolve, ms));
    collect();
  }
}
