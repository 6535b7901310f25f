/**
 * `after`, with every part that equals its counterpart in `before` replaced by it. Snapshots arrive whole; this keeps the
 * identity of what did not change, so that only the views of what did are drawn again. Plain JSON values only.
 */
export function keepEqualParts<Value>(before: unknown, after: Value): Value {
  if (Object.is(before, after) || typeof before !== 'object' || typeof after !== 'object') return after;
  if (before === null || after === null || Array.isArray(before) !== Array.isArray(after)) return after;

  const old = before as Record<string, unknown>;
  const kept: Record<string, unknown> = Array.isArray(after) ? ([] as never) : {};
  let same = Object.keys(old).length === Object.keys(after).length;
  for (const [key, value] of Object.entries(after)) {
    kept[key] = keepEqualParts(old[key], value);
    same &&= Object.is(kept[key], old[key]) && Object.hasOwn(old, key);
  }
  return (same ? before : kept) as Value;
}
