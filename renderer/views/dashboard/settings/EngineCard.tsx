import { useEffect, useState } from 'react';
import type { EngineKindView } from '../../../../app/contract/snapshot.ts';
import { useSnapshot } from '../../../state/app-context.tsx';
import { useCommand } from '../../../state/use-command.ts';
import { Card } from '../../../ui/Card.tsx';
import { Segments } from '../../../ui/Segments.tsx';
import { EngineForm } from './EngineForm.tsx';

const KINDS: readonly { value: EngineKindView; text: string }[] = [
  { value: 'auto', text: 'Automatic' },
  { value: 'ollama', text: 'Ollama' },
  { value: 'builtin', text: 'Built in' },
  { value: 'openai', text: 'OpenAI-compatible' },
];

const WHAT: Record<EngineKindView, string> = {
  auto: 'Ollama while it has a model, else a downloaded model, else the sample.',
  ollama: 'Ollama on this Mac, also while it is away.',
  builtin: 'The model that Lobstah downloaded, without any other program.',
  openai: 'LM Studio, llama.cpp, vLLM, exo, MLX: any server that speaks OpenAI’s API.',
  sample: 'The sample: real but tiny, for trying everything out.',
};

/** What answers prompts on this Mac. All kinds but one are chosen by a click; that one needs an address first. */
export function EngineCard() {
  const choice = useSnapshot((snapshot) => snapshot.engineChoice);
  const engine = useSnapshot((snapshot) => snapshot.engine);
  const command = useCommand();
  const [kind, setKind] = useState(choice.kind);
  useEffect(() => setKind(choice.kind), [choice.kind]);

  const choose = (next: EngineKindView) => {
    setKind(next);
    if (next !== 'openai') void command('useEngine', { kind: next });
  };

  return (
    <Card flush label="Engine">
      <div className="card-row">
        <div>
          <b className="strong">Engine</b>
          <p>{WHAT[kind]}</p>
          <p aria-live="polite">{foundSentence(engine)}</p>
        </div>
        {choice.fixedBy === null && <Segments label="Engine" value={kind} options={KINDS} onChange={choose} />}
      </div>
      {choice.fixedBy !== null && (
        <p className="card-row quiet">{choice.fixedBy} is set, so the engine cannot be changed here.</p>
      )}
      {kind === 'openai' && choice.fixedBy === null && <EngineForm choice={choice} />}
    </Card>
  );
}

function foundSentence(engine: { label: string; where: string; reachable: boolean; problem: string | null }): string {
  if (!engine.reachable) return engine.problem ?? 'It does not answer.';
  return `Now: ${engine.label}, ${engine.where}.`;
}
