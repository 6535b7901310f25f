import { useServices, useSnapshot } from '../../state/app-context.tsx';
import { useCopied } from '../../state/use-copied.ts';
import { Button } from '../../ui/Button.tsx';
import '../../ui/swap.css';
import './router-address.css';

/** What openclaw and every other OpenAI client is given as its base URL. */
export function RouterAddress() {
  const { shell } = useServices();
  const routerUrl = useSnapshot((snapshot) => snapshot.routerUrl);
  const { copied, copy } = useCopied(() => shell.copyRouterAddress(routerUrl ?? ''));
  if (routerUrl === null) return <p className="quiet">The router is not running. Diagnostics says why.</p>;
  return (
    <div className="router-address">
      <code className="selectable cut">{routerUrl}</code>
      <Button small onClick={copy}>
        <span className="swap">
          <span className={copied ? 'swap-out' : ''}>Copy</span>
          <span className={copied ? '' : 'swap-out'}>Copied</span>
        </span>
      </Button>
    </div>
  );
}
