import { Progress } from '@base-ui/react/progress';
import './bar.css';

/** How far something has come; `value` null while that is not known. */
export function Bar({ label, value, max, tone = 'accent' }: BarProps) {
  return (
    <Progress.Root className="bar" aria-label={label} value={value === null ? null : Math.min(value, max)} max={max}>
      <Progress.Track className="bar-track">
        <Progress.Indicator className={`bar-fill bar-fill-${tone}`} />
      </Progress.Track>
    </Progress.Root>
  );
}

export interface BarProps {
  readonly label: string;
  readonly value: number | null;
  readonly max: number;
  readonly tone?: 'accent' | 'good' | 'spent' | 'neutral';
}
