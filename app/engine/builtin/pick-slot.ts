/** Conversations whose beginnings are kept at the same time: an agent's, and what it asks beside it. */
const MAX_SLOTS = 3;

export interface SlotState {
  /** tokens it has in memory */
  readonly kept: number;
  /** how many of them begin the new prompt too */
  readonly shared: number;
  /** counted in uses */
  readonly lastUse: number;
}

/** What is shared by any two prompts (a template, a greeting) is no reason to give up what is kept of another conversation. */
const WORTH_KEEPING = 0.5;

/**
 * Where a prompt is read: after the longest beginning that is there already, unless that would throw away more than half of what
 * is kept for somebody else; then beside it, or over what was not used for longest. Pure.
 * @returns an index, or 'new'
 */
export function pickSlot(slots: readonly SlotState[], mayAdd: boolean): number | 'new' {
  const best = indexOfMost(slots, ({ shared }) => shared);
  const chosen = slots[best];
  if (!chosen) return 'new';
  if (chosen.kept === 0 || chosen.shared / chosen.kept >= WORTH_KEEPING) return best;
  if (mayAdd && slots.length < MAX_SLOTS) return 'new';
  return indexOfMost(slots, ({ lastUse }) => -lastUse);
}

function indexOfMost(slots: readonly SlotState[], valueOf: (slot: SlotState) => number): number {
  const values = slots.map(valueOf);
  return values.indexOf(Math.max(...values));
}
