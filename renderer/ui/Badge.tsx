import './badge.css';

export type Tone = 'neutral' | 'good' | 'wait' | 'trouble' | 'spent';

export function Badge({ children, tone = 'neutral', title }: { children: string; tone?: Tone; title?: string }) {
  return (
    <span className={`badge badge-${tone}`} title={title}>
      {children}
    </span>
  );
}
