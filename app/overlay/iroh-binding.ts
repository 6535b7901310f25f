import { createRequire } from 'node:module';
import type * as Iroh from '@number0/iroh';
import { GridError } from '../protocol/errors.ts';

export type IrohBinding = typeof Iroh;

let loaded: IrohBinding | undefined;

/**
 * Loaded when it is wanted and not before: it is an optional package with a binary, and most never turn the overlay on.
 * @throws GridError overlay_unavailable where there is no binary for this system
 */
export function loadIroh(): IrohBinding {
  if (loaded) return loaded;
  const require = createRequire(import.meta.url);
  try {
    // Its package.json names a main file that is not there; the real one is asked for, so that Node does not complain.
    loaded = require('@number0/iroh/index.js') as IrohBinding;
    return loaded;
  } catch (error) {
    throw new GridError(
      'overlay_unavailable',
      `There is no build of iroh for this system (${process.platform} ${process.arch}): peers are reached at http and https addresses only.`,
      { cause: error },
    );
  }
}

/** Its errors carry a backtrace of Rust; what happened is in the first line. */
export function irohSentence(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return (text.split('\n', 1)[0] ?? '').slice(0, 200);
}
