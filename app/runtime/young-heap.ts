import { setFlagsFromString } from 'node:v8';

/**
 * V8 lets the space for young objects grow to 64 MB and more when there is much garbage, and never gives it back: a server that
 * runs for months beside its owner's programs is not to have that. It collects more often instead, a little at a time.
 */
export function keepYoungHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
