import { CSPProvider } from '@base-ui/react/csp-provider';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App.tsx';
import { AppContext } from './state/app-context.tsx';
import type { PickedBridge } from './state/bridge.ts';
import { keepFresh } from './state/keep-fresh.ts';
import { createMirrorStore, startMirror } from './state/mirror-store.ts';
import { createPromptStore, startPrompts } from './state/prompt-store.ts';
import { createShell } from './state/shell.ts';
import { Toasts } from './ui/Toasts.tsx';
import './ui/tokens.css';
import './ui/base.css';

/** Puts the pages into the document, on whichever bridge they are given. */
export function mount({ bridge, connection }: PickedBridge): void {
  const mirror = createMirrorStore();
  const prompts = createPromptStore();
  startPrompts(prompts, bridge, (draw) => requestAnimationFrame(draw));
  startMirror(mirror, bridge);
  keepFresh(mirror, bridge, document);
  document.documentElement.dataset['shell'] = bridge.shell;

  const root = document.getElementById('root');
  if (!root) throw new Error('the page has no #root');
  createRoot(root).render(
    <StrictMode>
      {/* The CSP forbids style elements; what they would say is in our own files. */}
      <CSPProvider disableStyleElements>
        <AppContext value={{ bridge, connection, mirror, prompts, shell: createShell(bridge, window) }}>
          <Toasts>
            <App />
          </Toasts>
        </AppContext>
      </CSPProvider>
    </StrictMode>,
  );
}
