import { useServices, useSnapshot } from '../../state/app-context.tsx';
import { showFailure } from '../../state/toasts.ts';
import { Card } from '../../ui/Card.tsx';
import { JobCard } from '../shared/JobCard.tsx';

const SHOWN_JOBS = 3;

export function RunningJobs() {
  const { shell } = useServices();
  const jobs = useSnapshot((snapshot) => snapshot.jobs);
  const more = jobs.length - SHOWN_JOBS;
  if (jobs.length === 0)
    return (
      <Card label="Running now">
        <p className="quiet small">Nothing is running right now.</p>
      </Card>
    );
  return (
    <>
      {jobs.slice(0, SHOWN_JOBS).map((job) => (
        <Card key={job.jobId}>
          <JobCard job={job} />
        </Card>
      ))}
      {more > 0 && (
        <button className="popover-link" onClick={() => shell.openWindow('dashboard', 'activity').catch(showFailure)}>
          and {more} more ›
        </button>
      )}
    </>
  );
}
