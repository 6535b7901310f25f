import { useEffect, useState } from 'react';

const SETTLE_MS = 180;

/** The value once it has not changed for a moment: a search is asked for after the typing, not with every key. */
export function useSettled<Value>(value: Value): Value {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
