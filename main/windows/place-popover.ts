export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Between the popover and the icon above it, and between it and the edge of the screen. */
const GAP = 6;
const EDGE = 8;

/**
 * Centred under the tray icon, or above it where the bar is at the bottom, and wholly inside the work area. Without an icon to
 * hang on (hidden behind a notch, or a system that does not say) it goes to the corner where the icon would be.
 */
export function placePopover(
  icon: Rectangle | undefined,
  size: { readonly width: number; readonly height: number },
  workArea: Rectangle,
): Rectangle {
  const width = Math.min(size.width, workArea.width - 2 * EDGE);
  const height = Math.min(size.height, workArea.height - GAP - EDGE);
  const right = workArea.x + workArea.width;
  const bottom = workArea.y + workArea.height;
  if (!hasPlace(icon)) return { x: right - width - EDGE, y: workArea.y + GAP, width, height };
  const isBarBelow = icon.y + icon.height / 2 > workArea.y + workArea.height / 2;
  return {
    x: Math.round(clamp(icon.x + icon.width / 2 - width / 2, workArea.x + EDGE, right - width - EDGE)),
    y: Math.round(
      isBarBelow
        ? clamp(icon.y - height - GAP, workArea.y + EDGE, bottom - height - GAP)
        : clamp(icon.y + icon.height + GAP, workArea.y + GAP, bottom - height - EDGE),
    ),
    width,
    height,
  };
}

export function hasPlace(icon: Rectangle | undefined): icon is Rectangle {
  return icon !== undefined && icon.width > 0 && icon.height > 0;
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(value, high));
}
