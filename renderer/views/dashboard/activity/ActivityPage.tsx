import type { JobView } from '../../../../app/contract/snapshot.ts';
import { useSnapshot } from '../../../state/app-context.tsx';
import { Card } from '../../../ui/Card.tsx';
import { Empty } from '../../../ui/Empty.tsx';
import { JobCard } from '../../shared/JobCard.tsx';
import { PageHead } from '../PageHead.tsx';
import { JustFinished } from './JustFinished.tsx';
import './activity.css';

const GROUPS: readonly { direction: JobView['direction']; title: string; idle: string }[] = [
  { direction: 'serving', title: 'For others', idle: 'Nobody is being served.' },
  { direction: 'asking', title: 'Asked of others', idle: 'No request of yours is with a peer.' },
  { direction: 'own', title: 'Own use', idle: 'This Mac answers nothing for you right now.' },
];

export function ActivityPage() {
  const jobs = useSnapshot((snapshot) => snapshot.jobs);
  const sentence = useSnapshot((snapshot) => snapshot.sharing.sentence);
  return (
    <>
      <PageHead title="Activity" about={sentence} />
      {jobs.length === 0 ? (
        <Card>
          <Empty title="Nothing is running">
            Requests appear here while they run: those this Mac answers for others, and those others answer for you.
          </Empty>
        </Card>
      ) : (
        GROUPS.map(({ direction, title, idle }) => {
          const group = jobs.filter((job) => job.direction === direction);
          return (
            <section key={direction} className="activity-group" aria-label={title}>
              <h2 className="section-title">
                {title} {group.length > 0 && <span className="quiet">{group.length}</span>}
              </h2>
              <Card flush>
                {group.length === 0 && <p className="activity-job quiet">{idle}</p>}
                {group.map((job) => (
                  <div key={job.jobId} className="activity-job">
                    <JobCard job={job} />
                  </div>
                ))}
              </Card>
            </section>
          );
        })
      )}
      <JustFinished />
    </>
  );
}
