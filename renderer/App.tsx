import { lazy, Suspense, useEffect } from 'react';
import { useConnection, useHasSnapshot, useSnapshot } from './state/app-context.tsx';
import { useRoute } from './state/use-route.ts';
import { useShortcuts } from './state/use-shortcuts.ts';
import { NotRunning } from './views/NotRunning.tsx';
import { Popover } from './views/popover/Popover.tsx';

// The popover has to be there at once; the windows may fetch the rest of the code when they open.
const Dashboard = lazy(() => import('./views/dashboard/Dashboard.tsx').then((file) => ({ default: file.Dashboard })));
const Onboarding = lazy(() =>
  import('./views/onboarding/Onboarding.tsx').then((file) => ({ default: file.Onboarding })),
);

export function App() {
  const hasSnapshot = useHasSnapshot();
  const { state } = useConnection();
  if (state === 'locked' || (state === 'lost' && !hasSnapshot)) return <NotRunning />;
  // Drawn within a frame or two; a spinner would only flicker.
  if (!hasSnapshot) return null;
  return (
    <>
      {state === 'lost' && <NotRunning />}
      <Suspense fallback={null}>
        <Views />
      </Suspense>
    </>
  );
}

function Views() {
  const route = useRoute();
  const onboardingDone = useSnapshot((snapshot) => snapshot.onboardingDone);
  useShortcuts();
  useEffect(() => {
    if (route.view === 'start') window.location.replace(onboardingDone ? '#/dashboard/overview' : '#/onboarding');
  }, [route.view, onboardingDone]);

  if (route.view === 'popover') return <Popover />;
  if (route.view === 'onboarding') return <Onboarding />;
  if (route.view === 'dashboard') return <Dashboard page={route.page} detail={route.detail} />;
  return null;
}
