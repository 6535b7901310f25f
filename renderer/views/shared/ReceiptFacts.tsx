import type { LedgerEntryView } from '../../../app/contract/commands.ts';
import { formatCount, formatRate, formatSigned } from '../../format/numbers.ts';
import { formatDuration, formatExactTime } from '../../format/times.ts';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { Note } from '../../ui/Note.tsx';
import { KeyText } from './KeyText.tsx';

function sentence(entry: LedgerEntryView): string {
  if (entry.kind === 'own') return 'This Mac answered your own request';
  if (entry.kind === 'given') return `Given to ${entry.with} for nothing`;
  return entry.credits < 0 || entry.kind === 'asked' ? `${entry.with} answered you` : `This Mac answered ${entry.with}`;
}

export function ReceiptFacts({ entry }: { entry: LedgerEntryView }) {
  const rate = entry.durationMs > 0 ? formatRate(entry.outputTokens / (entry.durationMs / 1_000)) : '–';
  const look = entry.credits > 0 ? 'earned' : entry.credits < 0 ? 'spent' : 'quiet';
  return (
    <>
      <div>
        <p className="quiet">{sentence(entry)}</p>
        <p className="receipt-credits">
          <span className={look}>{formatSigned(entry.credits)}</span> <span className="quiet">credits</span>
        </p>
      </div>
      {entry.dispute !== null && (
        <Note tone="trouble">
          <b>Disputed.</b> {entry.dispute}
        </Note>
      )}
      <dl className="facts card">
        <dt>When</dt>
        <dd>{formatExactTime(entry.atMs)}</dd>
        <dt>Model</dt>
        <dd>{entry.model}</dd>
        <dt>Tokens</dt>
        <dd>
          {formatCount(entry.inputTokens)} in, {formatCount(entry.outputTokens)} out
        </dd>
        <dt>Took</dt>
        <dd>
          {formatDuration(entry.durationMs)} · {rate}
        </dd>
        <dt>Peer</dt>
        <dd>
          <KeyText pubkey={entry.peerPubkey} />
        </dd>
        <dt>Job</dt>
        <dd>
          <span className="cut" title={entry.jobId}>
            {entry.jobId.slice(0, 16)}…
          </span>
          <CopyButton text={entry.jobId} what="job id" />
        </dd>
      </dl>
    </>
  );
}
