import type { JobView } from '../../../app/contract/snapshot.ts';
import { formatCount, formatRate } from '../../format/numbers.ts';
import { useCommand } from '../../state/use-command.ts';
import { Bar } from '../../ui/Bar.tsx';
import { Button } from '../../ui/Button.tsx';
import './job-card.css';

const WHO = { serving: 'for', asking: 'from', own: 'on' } as const;
const TONE = { serving: 'good', asking: 'spent', own: 'neutral' } as const;

function progressWords({ phase, outputTokens, maxOutputTokens }: JobView): string {
  if (phase === 'queued') return 'In the queue';
  if (phase === 'waiting') return 'Reading the prompt';
  return `${formatCount(outputTokens)} of ≤ ${formatCount(maxOutputTokens)} tokens`;
}

/** One request that runs right now. */
export function JobCard({ job }: { job: JobView }) {
  const command = useCommand();
  const stop = () => void command('stopJob', { jobId: job.jobId });
  return (
    <article className="job" aria-label={`${job.model} ${WHO[job.direction]} ${job.with}`}>
      <div className="cut">
        <b className="strong">{job.model}</b>{' '}
        <span className="quiet small">
          {WHO[job.direction]} {job.direction === 'own' ? 'this Mac' : job.with}
        </span>
      </div>
      <div className="job-rate quiet small figures">
        {job.tokensPerSecond === null ? '–' : formatRate(job.tokensPerSecond)}
      </div>
      <div className="quiet small figures">{progressWords(job)}</div>
      {job.canStop ? (
        <Button
          look="plain"
          small
          className="job-stop"
          onClick={stop}
          aria-label={`Stop ${job.model} ${WHO[job.direction]} ${job.with}`}
        >
          Stop
        </Button>
      ) : (
        <span />
      )}
      <Bar
        label="Tokens of the answer"
        value={job.phase === 'streaming' ? job.outputTokens : null}
        max={job.maxOutputTokens}
        tone={TONE[job.direction]}
      />
    </article>
  );
}
