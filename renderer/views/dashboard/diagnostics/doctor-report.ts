import type { DoctorCheckView } from '../../../../app/contract/commands.ts';
import type { GridSnapshot } from '../../../../app/contract/snapshot.ts';

/** What helps somebody else to help: nothing of it is secret, nothing of it is about prompts. */
export function doctorReport(snapshot: GridSnapshot, checks: readonly DoctorCheckView[]): string {
  const lines = checks.map(
    ({ status, name, message, hint }) => `[${status}] ${name}: ${message}${hint ? ` ${hint}` : ''}`,
  );
  return [
    `Lobstah ${snapshot.version}`,
    `Key ${snapshot.pubkey}`,
    `Engine ${snapshot.engine.label} ${snapshot.engine.version ?? ''} at ${snapshot.engine.where}`,
    `Sharing ${snapshot.sharing.state}: ${snapshot.sharing.sentence}`,
    ...lines,
    '',
  ].join('\n');
}
