/** Height of the head that stays on top of a list (list.css). */
export const LIST_HEAD_PX = 32;

const PAGE_ROWS = 12;

/** The row a key goes to from row `from` of `count`; undefined for keys that go nowhere. */
export function rowStep(key: string, from: number, count: number): number | undefined {
  const to = {
    ArrowDown: from + 1,
    ArrowUp: from - 1,
    PageDown: from + PAGE_ROWS,
    PageUp: from - PAGE_ROWS,
    Home: 0,
    End: count - 1,
  }[key];
  return to === undefined || count === 0 ? undefined : Math.min(Math.max(to, 0), count - 1);
}

const FRAMES_TO_WAIT = 10;

/** Focuses a row of a virtual list as soon as scrolling has brought it into the document. */
export function focusRow(list: HTMLElement, index: number, frames = FRAMES_TO_WAIT): void {
  const row = list.querySelector<HTMLElement>(`[data-index="${index}"]`);
  if (row) row.focus({ preventScroll: true });
  else if (frames > 0) requestAnimationFrame(() => focusRow(list, index, frames - 1));
}
