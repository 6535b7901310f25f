import { outsideSocketsOf } from '../../grid/outside-sockets-of.ts';
import { processesOf } from './processes-of.ts';

/** What the processes of an app have open beyond this machine. Linux only. */
export function outsideSockets(home: string): string[] {
  return outsideSocketsOf(processesOf(home));
}
