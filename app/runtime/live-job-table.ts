import type { GridError } from '../protocol/errors.ts';
import type { LiveJob, LiveJobHandle, LiveJobs } from '../protocol/live-job.ts';
import type { Pubkey } from '../protocol/pubkey.ts';

export interface RunningJob extends Omit<LiveJob, 'otherPubkey' | 'via'> {
  otherPubkey: LiveJob['otherPubkey'];
  via?: string;
  phase: 'queued' | 'waiting' | 'streaming';
  outputTokens: number;
  streamingSinceMs: number | undefined;
}

/** Every request that runs now, on both sides of this machine. */
export class LiveJobTable implements LiveJobs {
  private readonly jobs = new Set<RunningJob>();
  private readonly onChange: () => void;
  private readonly nowMs: () => number;

  constructor(deps: { onChange: () => void; nowMs: () => number }) {
    this.onChange = deps.onChange;
    this.nowMs = deps.nowMs;
  }

  begin(job: LiveJob): LiveJobHandle {
    const running: RunningJob = { ...job, phase: 'waiting', outputTokens: 0, streamingSinceMs: undefined };
    this.jobs.add(running);
    this.onChange();
    return {
      with: (pubkey) => {
        running.otherPubkey = pubkey;
        this.onChange();
      },
      via: (name) => {
        running.via = name;
        this.onChange();
      },
      phase: (phase) => {
        running.phase = phase;
        if (phase === 'streaming') running.streamingSinceMs = this.nowMs();
        this.onChange();
      },
      tokens: (count) => {
        running.outputTokens = count;
        this.onChange();
      },
      end: () => {
        this.jobs.delete(running);
        this.onChange();
      },
    };
  }

  list(): readonly RunningJob[] {
    return [...this.jobs];
  }

  /** @returns how many requests of this key were ended, queued ones included */
  stopServing(pubkey: Pubkey, reason: GridError): number {
    const served = this.list().filter(
      ({ direction, otherPubkey }) => direction === 'serving' && otherPubkey === pubkey,
    );
    for (const job of served) job.stop(reason);
    return served.length;
  }

  stop(jobId: string): boolean {
    const job = this.list().find((running) => running.jobId === jobId);
    job?.stop();
    return job !== undefined;
  }
}
