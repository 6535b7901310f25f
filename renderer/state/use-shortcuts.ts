import { useEffect } from 'react';
import { useServices } from './app-context.tsx';
import { showFailure } from './toasts.ts';

/** ⌘D shows the dashboard and ⌘, the settings, everywhere (Ctrl where there is no ⌘). */
export function useShortcuts(): void {
  const { shell } = useServices();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!(event.metaKey || event.ctrlKey) || event.altKey || event.shiftKey) return;
      const page = event.key === 'd' ? 'overview' : event.key === ',' ? 'settings' : null;
      if (page === null) return;
      event.preventDefault();
      shell.openWindow('dashboard', page).catch(showFailure);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [shell]);
}
