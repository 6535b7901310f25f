import type { KeyboardEvent } from 'react';
import { formatShortKey } from '../../format/keys.ts';
import { useSnapshot } from '../../state/app-context.tsx';
import { DASHBOARD_PAGES, dashboardHash, type DashboardPage } from '../../state/route.ts';
import { Dot } from '../../ui/Dot.tsx';
import { Mark } from '../../ui/Mark.tsx';
import { SHARING_TONE, SHARING_WORD } from '../shared/sharing-look.ts';
import './sidebar.css';

export const PAGE_TITLES: Record<DashboardPage, string> = {
  overview: 'Overview',
  ledger: 'Ledger',
  peers: 'Peers',
  activity: 'Activity',
  models: 'Models',
  openclaw: 'openclaw',
  privacy: 'Privacy',
  diagnostics: 'Diagnostics',
  settings: 'Settings',
};

/** Up and down go to the page before and after, as in every Mac sidebar. */
function onArrowKey(event: KeyboardEvent<HTMLElement>): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  if (step === 0) return;
  const links = [...event.currentTarget.querySelectorAll('a')];
  const next = links[links.findIndex((link) => link === document.activeElement) + step];
  event.preventDefault();
  next?.focus();
  next?.click();
}

export function Sidebar({ page, pubkey }: { page: DashboardPage; pubkey: string }) {
  const running = useSnapshot((snapshot) => snapshot.jobs.length);
  const state = useSnapshot((snapshot) => snapshot.sharing.state);
  return (
    <aside className="sidebar" aria-label="Lobstah">
      <div className="sidebar-brand">
        <Mark size={22} />
        <span>Lobstah</span>
      </div>
      <nav aria-label="Pages" onKeyDown={onArrowKey}>
        {DASHBOARD_PAGES.map((name) => (
          <a
            key={name}
            href={dashboardHash(name)}
            className="sidebar-link"
            aria-current={name === page ? 'page' : undefined}
            draggable={false}
          >
            {PAGE_TITLES[name]}
            {name === 'activity' && running > 0 && (
              <span className="sidebar-count" aria-label={`${running} running`}>
                {running}
              </span>
            )}
          </a>
        ))}
      </nav>
      <div className="sidebar-me">
        <span title={pubkey}>{formatShortKey(pubkey)}</span>
        <span className="sidebar-state">
          <Dot tone={SHARING_TONE[state]} /> {SHARING_WORD[state]}
        </span>
      </div>
    </aside>
  );
}
