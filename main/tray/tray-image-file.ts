import type { SharingState } from '../../app/contract/snapshot.ts';

/** One image for each meaning. Electron finds the sharper `@2x` beside it; what is called a template macOS colours itself. */
export function trayImageFile(state: SharingState): string {
  return `${state}Template.png`;
}
