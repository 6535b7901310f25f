import { useAsked } from '../../state/use-asked.ts';
import { Empty } from '../../ui/Empty.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Problem } from '../../ui/Problem.tsx';
import { ReceiptFacts } from './ReceiptFacts.tsx';
import { SignedText } from './SignedText.tsx';
import { VerifyReceipt } from './VerifyReceipt.tsx';
import './receipt.css';

/** One entry of the ledger down to what was signed. */
export function ReceiptDrawer({ jobId, onClose }: { jobId: string | null; onClose: () => void }) {
  return (
    <Panel kind="drawer" title="Receipt" open={jobId !== null} onClose={onClose}>
      {jobId !== null && <Receipt key={jobId} jobId={jobId} />}
    </Panel>
  );
}

function Receipt({ jobId }: { jobId: string }) {
  const { answer: entry, failure, isAsking } = useAsked('getLedgerEntry', { jobId });
  if (failure) return <Problem failure={failure} />;
  if (isAsking && !entry) return null;
  if (!entry)
    return <Empty title="No such entry">The ledger holds no entry for this job. It may not be written yet.</Empty>;
  return (
    <div className="panel-body receipt" tabIndex={0} role="region" aria-label="Receipt details">
      <ReceiptFacts entry={entry} />
      <VerifyReceipt jobId={jobId} />
      <SignedText title="Order" signedBy="Signed by who asked" text={entry.orderText} />
      <SignedText title="Receipt" signedBy="Signed by who answered" text={entry.receiptText} />
    </div>
  );
}
