import type { Tone } from './Badge.tsx';
import './badge.css';

/** Says again in colour what the words beside it say. */
export function Dot({ tone, busy = false }: { tone: Tone; busy?: boolean }) {
  return <span className={`dot dot-${tone} ${busy ? 'dot-busy' : ''}`} aria-hidden="true" />;
}
