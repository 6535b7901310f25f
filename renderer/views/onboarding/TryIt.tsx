import { useState, type FormEvent } from 'react';
import { useServices, usePromptRun } from '../../state/app-context.tsx';
import { showFailure } from '../../state/toasts.ts';
import { Button } from '../../ui/Button.tsx';
import { Problem } from '../../ui/Problem.tsx';
import { ReceiptDrawer } from '../shared/ReceiptDrawer.tsx';
import '../../ui/swap.css';
import { AnswerFacts } from './AnswerFacts.tsx';
import '../../ui/fields.css';

/** A real prompt through the router: who answered, how fast, what it cost, and the receipt. */
export function TryIt() {
  const { bridge } = useServices();
  const [prompt, setPrompt] = useState('Tell me a short story about a lobster.');
  const [promptId, setPromptId] = useState<string | null>(null);
  const [isStarting, setIsStarting] = useState(false);
  const [receiptJobId, setReceiptJobId] = useState<string | null>(null);
  const run = usePromptRun(promptId);
  const isRunning = isStarting || (promptId !== null && !run?.end);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (isRunning) {
      if (promptId !== null) bridge.command('stopPrompt', { promptId }).catch(showFailure);
      return;
    }
    setIsStarting(true);
    setPromptId(null);
    try {
      setPromptId((await bridge.command('startPrompt', { prompt: prompt.trim(), model: null })).promptId);
    } catch (thrown) {
      showFailure(thrown);
    }
    setIsStarting(false);
  };

  return (
    <form className="try" onSubmit={(event) => void submit(event)}>
      <label className="strong" htmlFor="try-prompt">
        Try it
      </label>
      <div className="try-ask">
        <input
          id="try-prompt"
          className="input"
          value={prompt}
          onChange={(event) => setPrompt(event.target.value)}
          autoComplete="off"
        />
        <Button type="submit" look={isRunning ? 'normal' : 'primary'} disabled={!isRunning && prompt.trim() === ''}>
          <span className="swap">
            <span className={isRunning ? 'swap-out' : ''}>Ask</span>
            <span className={isRunning ? '' : 'swap-out'}>Stop</span>
          </span>
        </Button>
      </div>
      <div className="try-answer selectable" role="log" aria-label="Answer" tabIndex={0} aria-busy={isRunning}>
        {run?.reasoning && <p className="quiet small">{run.reasoning}</p>}
        {run?.text}
        {isRunning && <span className="try-caret" aria-hidden="true" />}
        {!run && !isRunning && <span className="quiet">The answer appears here.</span>}
      </div>
      {run?.end?.type === 'failed' && <Problem failure={run.end} />}
      <div className="try-facts">
        {run?.end?.type === 'done' && <AnswerFacts end={run.end} onShowReceipt={setReceiptJobId} />}
      </div>
      <ReceiptDrawer jobId={receiptJobId} onClose={() => setReceiptJobId(null)} />
    </form>
  );
}
