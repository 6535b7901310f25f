import { z } from 'zod';
import type { Rectangle } from './place-popover.ts';

/** Where a window was and how large, as the file holds it. */
export interface WindowState extends Rectangle {
  readonly isMaximized: boolean;
}

const stateSchema = z.object({
  x: z.int(),
  y: z.int(),
  width: z.int().min(1).max(100_000),
  height: z.int().min(1).max(100_000),
  isMaximized: z.boolean(),
});

/** As much of a window's top edge has to be on a screen, so that it can be grabbed and moved. */
const GRAB = { width: 100, height: 24 };

/** @returns undefined when the text is no state: the window then opens as if for the first time */
export function parseWindowState(text: string): WindowState | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  return stateSchema.safeParse(json).data;
}

/**
 * Displays come and go between two starts.
 * @returns a place that is on one of them and no larger than it; undefined when there is none, then the window is centred
 */
export function fitWindowState(
  state: WindowState,
  minimum: { readonly width: number; readonly height: number },
  workAreas: readonly Rectangle[],
): WindowState | undefined {
  for (const area of workAreas) {
    const grabbable =
      Math.min(state.x + state.width, area.x + area.width) - Math.max(state.x, area.x) >= GRAB.width &&
      state.y >= area.y &&
      state.y <= area.y + area.height - GRAB.height;
    if (!grabbable) continue;
    return {
      ...state,
      width: Math.max(minimum.width, Math.min(state.width, area.width)),
      height: Math.max(minimum.height, Math.min(state.height, area.height)),
    };
  }
  return undefined;
}
