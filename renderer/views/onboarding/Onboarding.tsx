import { useEffect, useRef, useState, type ComponentType } from 'react';
import { useServices } from '../../state/app-context.tsx';
import { showFailure } from '../../state/toasts.ts';
import { useCommand } from '../../state/use-command.ts';
import { Button } from '../../ui/Button.tsx';
import { Mark } from '../../ui/Mark.tsx';
import { EngineStep } from './EngineStep.tsx';
import { FindStep } from './FindStep.tsx';
import { ShareStep } from './ShareStep.tsx';
import { Steps } from './Steps.tsx';
import { UseStep } from './UseStep.tsx';
import { WelcomeStep } from './WelcomeStep.tsx';
import './onboarding.css';

const STEPS: readonly { title: string; Step: ComponentType }[] = [
  { title: 'Welcome to Lobstah', Step: WelcomeStep },
  { title: 'What answers on this Mac', Step: EngineStep },
  { title: 'What you share', Step: ShareStep },
  { title: 'Find and be found', Step: FindStep },
  { title: 'Use it', Step: UseStep },
];

/** Agrees to nothing by itself: leaving at any step changes only that it is not shown again. */
export function Onboarding() {
  const { shell } = useServices();
  const command = useCommand();
  const [index, setIndex] = useState(0);
  const heading = useRef<HTMLHeadingElement>(null);
  const isLast = index === STEPS.length - 1;
  const { title, Step } = STEPS[index] as (typeof STEPS)[number];

  useEffect(() => {
    document.title = `${title} · Lobstah`;
    if (index > 0) heading.current?.focus();
  }, [title, index]);

  const leave = async () => {
    if ((await command('finishOnboarding', {})) === undefined) return;
    await shell.openWindow('dashboard', 'overview').catch(showFailure);
  };

  return (
    <main className="onboarding" aria-label="Introduction">
      <Steps count={STEPS.length} index={index} />
      <div className="onboarding-body" key={index}>
        {index === 0 && <Mark size={64} />}
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        <Step />
      </div>
      <footer className="onboarding-foot">
        <Button
          onClick={() => setIndex(index - 1)}
          disabled={index === 0}
          className={index === 0 ? 'onboarding-gone' : ''}
        >
          Back
        </Button>
        <div className="page-actions">
          {!isLast && (
            <Button look="plain" onClick={() => void leave()}>
              Set up later
            </Button>
          )}
          <Button look="primary" onClick={isLast ? () => void leave() : () => setIndex(index + 1)}>
            {isLast ? 'Finish' : 'Continue'}
          </Button>
        </div>
      </footer>
    </main>
  );
}
