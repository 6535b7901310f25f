import { useEffect, useState } from 'react';
import { showFailure } from './toasts.ts';

const SHOWN_MS = 1_600;

/** `copied` is true for a moment after `copy` has worked. */
export function useCopied(write: () => Promise<void>): { copied: boolean; copy: () => void } {
  const [count, setCount] = useState(0);
  useEffect(() => {
    if (count === 0) return;
    const timer = setTimeout(() => setCount(0), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [count]);
  const copy = () => void write().then(() => setCount((before) => before + 1), showFailure);
  return { copied: count > 0, copy };
}
