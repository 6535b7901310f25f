const HALF = 100;

/** A bar to the right for what can be spent, to the left for what is owed. */
export function CreditBar({ credit, most }: { credit: number; most: number }) {
  const length = Math.max(1.5, (Math.abs(credit) / most) * HALF);
  return (
    <svg className="credit-bar" viewBox={`0 0 ${2 * HALF} 10`} preserveAspectRatio="none" aria-hidden="true">
      <rect
        className={credit > 0 ? 'credit-bar-good' : 'credit-bar-spent'}
        x={credit > 0 ? HALF : HALF - length}
        y="1"
        width={length}
        height="8"
      />
      <rect className="credit-bar-middle" x={HALF - 0.25} y="0" width="0.5" height="10" />
    </svg>
  );
}
