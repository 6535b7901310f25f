import type { ReactNode } from 'react';
import './card.css';

export interface CardProps {
  readonly children: ReactNode;
  /** names the card as a region of the page */
  readonly label?: string;
  readonly className?: string;
  /** for lists and tables that bring their own padding */
  readonly flush?: boolean;
}

export function Card({ children, label, className = '', flush = false }: CardProps) {
  return (
    <section className={`card ${flush ? 'card-flush' : ''} ${className}`} aria-label={label}>
      {children}
    </section>
  );
}
