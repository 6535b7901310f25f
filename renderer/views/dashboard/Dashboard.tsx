import { useEffect, type ComponentType } from 'react';
import { useSnapshot } from '../../state/app-context.tsx';
import type { DashboardPage } from '../../state/route.ts';
import { ActivityPage } from './activity/ActivityPage.tsx';
import { DiagnosticsPage } from './diagnostics/DiagnosticsPage.tsx';
import { LedgerPage } from './ledger/LedgerPage.tsx';
import { ModelsPage } from './models/ModelsPage.tsx';
import { OpenclawPage } from './openclaw/OpenclawPage.tsx';
import { OverviewPage } from './overview/OverviewPage.tsx';
import { PeersPage } from './peers/PeersPage.tsx';
import { PrivacyPage } from './privacy/PrivacyPage.tsx';
import { SettingsPage } from './settings/SettingsPage.tsx';
import { PAGE_TITLES, Sidebar } from './Sidebar.tsx';
import { Problems } from './Problems.tsx';
import './dashboard.css';
import './list.css';

const PAGES: Record<DashboardPage, ComponentType<{ detail: string | null }>> = {
  overview: OverviewPage,
  ledger: LedgerPage,
  peers: PeersPage,
  activity: ActivityPage,
  models: ModelsPage,
  openclaw: OpenclawPage,
  privacy: PrivacyPage,
  diagnostics: DiagnosticsPage,
  settings: SettingsPage,
};

export function Dashboard({ page, detail }: { page: DashboardPage; detail: string | null }) {
  const Page = PAGES[page];
  const pubkey = useSnapshot((snapshot) => snapshot.pubkey);
  useEffect(() => {
    document.title = `${PAGE_TITLES[page]} · Lobstah`;
  }, [page]);
  return (
    <div className="dashboard">
      <Sidebar page={page} pubkey={pubkey} />
      <main className={`page page-${page}`} key={page}>
        <Problems />
        <Page detail={detail} />
      </main>
    </div>
  );
}
