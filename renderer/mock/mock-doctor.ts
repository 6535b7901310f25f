import type { DoctorCheckView } from '../../app/contract/commands.ts';
import type { GridSnapshot } from '../../app/contract/snapshot.ts';

export function mockDoctor({ engine, peers }: GridSnapshot): DoctorCheckView[] {
  return [
    { name: 'Home', status: 'ok', message: 'The home folder can be read and written by you alone.', hint: null },
    { name: 'Identity', status: 'ok', message: 'The key is there and signs.', hint: null },
    { name: 'Ledger', status: 'ok', message: 'Opens, and balances to zero.', hint: null },
    engine.reachable
      ? {
          name: 'Engine',
          status: 'ok',
          message: `${engine.label} answers with ${engine.models.length} models.`,
          hint: null,
        }
      : {
          name: 'Engine',
          status: 'failed',
          message: 'The engine on this machine does not answer.',
          hint: "Start it ('ollama serve'), then check again.",
        },
    { name: 'Router', status: 'ok', message: 'Answers at http://127.0.0.1:17475/v1.', hint: null },
    { name: 'Worker', status: 'ok', message: 'Answers at http://127.0.0.1:17474.', hint: null },
    peers.some(({ state }) => state === 'unreachable')
      ? {
          name: 'Peers',
          status: 'warning',
          message: 'lab-m2-ultra does not answer.',
          hint: 'It may be asleep, or its address may have changed.',
        }
      : { name: 'Peers', status: 'ok', message: 'Every peer answers.', hint: null },
  ];
}
