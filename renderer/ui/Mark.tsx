import mark from './mark.svg';

/** The sign of the app, beside its name or alone in a place that is about Lobstah itself. */
export function Mark({ size }: { size: number }) {
  return <img src={mark} width={size} height={size} alt="" draggable={false} />;
}
