import type { DoctorCheckView } from '../../../../app/contract/commands.ts';

const SIGNS = {
  ok: { sign: '✓', word: 'in order', look: 'doctor-ok' },
  warning: { sign: '!', word: 'could be better', look: 'doctor-warning' },
  failed: { sign: '✗', word: 'wrong', look: 'doctor-failed' },
} as const;

export function DoctorCheck({ check }: { check: DoctorCheckView }) {
  const { sign, word, look } = SIGNS[check.status];
  return (
    <li className="card-row doctor-check">
      <span className={`doctor-sign ${look}`} role="img" aria-label={word}>
        {sign}
      </span>
      <b className="strong doctor-name">{check.name}</b>
      <div className="selectable">
        {check.message}
        {check.hint !== null && <p>{check.hint}</p>}
      </div>
    </li>
  );
}
