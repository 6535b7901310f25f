import type { ReactNode } from 'react';
import './note.css';

/** A sentence that should not be missed. 'trouble' for what is wrong, 'caution' for what to know, 'plain' for the rest. */
export function Note({ children, tone = 'plain' }: { children: ReactNode; tone?: 'plain' | 'caution' | 'trouble' }) {
  return <div className={`note note-${tone}`}>{children}</div>;
}
