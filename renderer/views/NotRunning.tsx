import { useConnection, useHasSnapshot } from '../state/app-context.tsx';
import { Mark } from '../ui/Mark.tsx';
import './not-running.css';

const WORDS = {
  lost: {
    title: 'Lobstah is not running',
    text: 'This page shows a Lobstah on this computer, and it does not answer. The page comes back by itself as soon as it does.',
    command: 'lobstah up',
  },
  locked: {
    title: 'This page has no key to Lobstah',
    text: 'Each start of Lobstah makes a new key, so that no other page can command it. Open the dashboard again to get one.',
    command: 'lobstah open',
  },
} as const;

/** Instead of the pages when nothing was seen yet, else as a strip above what was last known. */
export function NotRunning() {
  const { state } = useConnection();
  const hasSnapshot = useHasSnapshot();
  const words = WORDS[state === 'locked' ? 'locked' : 'lost'];
  if (hasSnapshot && state === 'lost')
    return (
      <div className="lost-strip" role="status">
        <b>{words.title}.</b> What you see is what was last known. Start it with <code>{words.command}</code>; trying
        again…
      </div>
    );
  return (
    <main className="not-running">
      <Mark size={56} />
      <h1>{words.title}</h1>
      <p className="quiet">{words.text}</p>
      <code className="selectable">{words.command}</code>
      {state === 'lost' && (
        <p className="quiet small" role="status">
          Trying again…
        </p>
      )}
    </main>
  );
}
