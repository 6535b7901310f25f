import type { PromptEvent } from '../../../app/contract/events.ts';
import { formatCount, formatNumberOf, formatRate } from '../../format/numbers.ts';
import { Button } from '../../ui/Button.tsx';

export interface AnswerFactsProps {
  readonly end: Extract<PromptEvent, { type: 'done' }>;
  readonly onShowReceipt: (jobId: string) => void;
}

export function AnswerFacts({ end, onShowReceipt }: AnswerFactsProps) {
  const facts = [
    formatNumberOf(end.outputTokens, 'token'),
    end.tokensPerSecond === null ? null : formatRate(end.tokensPerSecond),
    end.firstTokenMs === null ? null : `first after ${formatCount(Math.round(end.firstTokenMs))} ms`,
    end.own ? 'free, it ran here' : `${formatCount(end.cost)} credits`,
  ].filter((fact) => fact !== null);
  const { jobId } = end;
  return (
    <div className="row" role="status">
      <span>
        Answered by <b className="strong">{end.own ? 'this Mac' : end.answeredBy}</b> with {end.model}
        <span className="quiet small try-numbers">{facts.join(' · ')}</span>
      </span>
      {jobId !== null && (
        <Button small onClick={() => onShowReceipt(jobId)}>
          Receipt
        </Button>
      )}
    </div>
  );
}
