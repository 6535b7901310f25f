import { useServices, useSnapshot } from '../../state/app-context.tsx';
import { showFailure } from '../../state/toasts.ts';
import { useCopied } from '../../state/use-copied.ts';
import '../../ui/swap.css';

export function PopoverFoot() {
  const { shell } = useServices();
  const routerUrl = useSnapshot((snapshot) => snapshot.routerUrl);
  const { copied, copy } = useCopied(() => shell.copyRouterAddress(routerUrl ?? ''));
  const open = (page: string) => () => void shell.openWindow('dashboard', page).catch(showFailure);
  return (
    <nav className="popover-foot" aria-label="More">
      <button onClick={open('overview')} aria-keyshortcuts="Meta+D">
        Dashboard <kbd>⌘D</kbd>
      </button>
      {routerUrl !== null && (
        <button onClick={copy} title={routerUrl}>
          <span className="swap" aria-live="polite">
            <span className={copied ? 'swap-out' : ''}>Copy router address</span>
            <span className={copied ? '' : 'swap-out'}>Copied</span>
          </span>
        </button>
      )}
      <button onClick={open('settings')} aria-keyshortcuts="Meta+,">
        Settings <kbd>⌘,</kbd>
      </button>
    </nav>
  );
}
