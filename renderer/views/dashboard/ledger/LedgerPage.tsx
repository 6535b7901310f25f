import { useState } from 'react';
import type { EntryKindView } from '../../../../app/contract/commands.ts';
import { formatNumberOf } from '../../../format/numbers.ts';
import { useServices } from '../../../state/app-context.tsx';
import { dashboardHash } from '../../../state/route.ts';
import { useCommand } from '../../../state/use-command.ts';
import { useLedger } from '../../../state/use-ledger.ts';
import { useSettled } from '../../../state/use-settled.ts';
import { Card } from '../../../ui/Card.tsx';
import { Menu } from '../../../ui/Menu.tsx';
import { Problem } from '../../../ui/Problem.tsx';
import { Segments } from '../../../ui/Segments.tsx';
import { ReceiptDrawer } from '../../shared/ReceiptDrawer.tsx';
import { PageHead } from '../PageHead.tsx';
import { LedgerEmpty } from './LedgerEmpty.tsx';
import { LedgerTable } from './LedgerTable.tsx';
import { VerifyBooks } from './VerifyBooks.tsx';
import './ledger.css';
import '../../../ui/fields.css';

const KINDS = [
  { value: 'all', text: 'All' },
  { value: 'served', text: 'Earned' },
  { value: 'asked', text: 'Spent' },
  { value: 'own', text: 'Own use' },
  { value: 'given', text: 'Given' },
  { value: 'disputed', text: 'Disputed' },
] as const satisfies readonly { value: EntryKindView | 'all'; text: string }[];

export function LedgerPage({ detail }: { detail: string | null }) {
  const { shell } = useServices();
  const [kind, setKind] = useState<EntryKindView | 'all'>('all');
  const [search, setSearch] = useState('');
  const settledSearch = useSettled(search.trim());
  const { loaded, failure, loadMore } = useLedger(settledSearch, kind === 'all' ? null : kind);
  const command = useCommand();
  const exportAs = async (format: 'csv' | 'json') => {
    const file = await command('exportLedger', { format });
    if (file) shell.saveFile(file.fileName, file.mimeType, file.text);
  };
  const show = (jobId: string | null) => {
    window.location.hash = dashboardHash('ledger', jobId ?? undefined);
  };

  return (
    <>
      <PageHead title="Ledger">
        <span className="quiet small" role="status">
          {loaded ? formatNumberOf(loaded.total, 'entry', 'entries') : ''}
        </span>
        <Menu
          triggerClass="button button-normal button-small"
          choices={[
            { text: 'CSV, for a spreadsheet', onChoose: () => void exportAs('csv') },
            { text: 'JSON, with every signature', onChoose: () => void exportAs('json') },
          ]}
        >
          Export <span aria-hidden="true">▾</span>
        </Menu>
      </PageHead>
      <div className="ledger-tools">
        <Segments label="Kind of entry" value={kind} options={KINDS} onChange={setKind} />
        <input
          className="input ledger-search"
          type="search"
          aria-label="Search the ledger"
          placeholder="Search model, peer, key or job"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
      </div>
      <VerifyBooks />
      {failure && <Problem failure={failure} />}
      <Card flush className="list-card" label="Entries">
        {loaded && loaded.entries.length === 0 ? (
          <LedgerEmpty filtered={kind !== 'all' || settledSearch !== ''} />
        ) : (
          <LedgerTable loaded={loaded} loadMore={loadMore} selected={detail} onSelect={show} />
        )}
      </Card>
      <ReceiptDrawer jobId={detail} onClose={() => show(null)} />
    </>
  );
}
