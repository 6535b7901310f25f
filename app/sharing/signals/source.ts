import type { Signals } from '../signals.ts';

/** One place where something about the machine can be seen. What it does not see it leaves out; it never guesses. */
export interface SignalSource {
  readonly name: string;
  /** 'cheap' ones are read four times a second while somebody is served; 'dear' ones (a process is started) every five seconds */
  readonly cost: 'cheap' | 'dear';
  /** A source that fails has seen nothing. */
  read(signal: AbortSignal): Promise<Signals> | Signals;
  /** Calls when the system says that something changed. @returns ends it */
  watch?(changed: () => void): () => void;
}
