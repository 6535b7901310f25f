import { useEffect } from 'react';
import { useServices, useSnapshot } from '../../state/app-context.tsx';
import { showFailure } from '../../state/toasts.ts';
import { Problem } from '../../ui/Problem.tsx';
import { ShareCard } from '../shared/ShareCard.tsx';
import { PeersRow } from './PeersRow.tsx';
import { PopoverFoot } from './PopoverFoot.tsx';
import { RunningJobs } from './RunningJobs.tsx';
import { TodayCard } from './TodayCard.tsx';
import './popover.css';

export function Popover() {
  const { shell } = useServices();
  const problems = useSnapshot((snapshot) => snapshot.problems);

  useEffect(() => {
    document.title = 'Lobstah';
    const onKey = (event: KeyboardEvent) => {
      // An open menu takes its Esc first.
      if (event.key === 'Escape' && !event.defaultPrevented && !document.querySelector('[role=menu]'))
        shell.hidePopover().catch(showFailure);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [shell]);

  return (
    <main className="popover" aria-label="Lobstah">
      <h1 className="visually-hidden">Lobstah</h1>
      {problems.map((problem) => (
        <Problem key={problem.code} failure={problem} />
      ))}
      <ShareCard />
      <RunningJobs />
      <TodayCard />
      <PeersRow />
      <PopoverFoot />
    </main>
  );
}
