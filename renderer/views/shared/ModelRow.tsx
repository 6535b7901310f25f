import './models.css';
import type { ModelView } from '../../../app/contract/snapshot.ts';
import { formatBytes, formatCount } from '../../format/numbers.ts';
import { useCommand } from '../../state/use-command.ts';
import { Badge, type Tone } from '../../ui/Badge.tsx';
import { Switch } from '../../ui/Switch.tsx';

const FIT: Record<ModelView['fit'], { text: string; tone: Tone; why: string } | null> = {
  fits: { text: 'fits', tone: 'good', why: 'It fits the memory of this Mac, with room for the context.' },
  tight: { text: 'tight', tone: 'wait', why: 'It takes most of the memory of this Mac; other programs will feel it.' },
  'too-large': { text: 'too large', tone: 'trouble', why: 'It is larger than the memory of this Mac and would crawl.' },
  unknown: null,
};

export interface ModelRowProps {
  readonly model: ModelView;
  /** without: only what it is and whether it fits */
  readonly withSwitch: boolean;
}

export function ModelRow({ model, withSwitch }: ModelRowProps) {
  const command = useCommand();
  const fit = FIT[model.fit];
  const facts = [
    model.sizeBytes === null ? null : formatBytes(model.sizeBytes),
    model.parameterSize === null ? null : `${model.parameterSize} parameters`,
    model.quantization,
    model.contextLength === null ? null : `${formatCount(model.contextLength)} tokens of context`,
    ...model.capabilities.filter((capability) => capability !== 'completion'),
  ].filter((fact) => fact !== null);
  return (
    <li className="card-row">
      <div>
        <div className="model-name">
          <b className="strong selectable">{model.name}</b>
          {fit && (
            <Badge tone={fit.tone} title={fit.why}>
              {fit.text}
            </Badge>
          )}
          {model.loaded && <Badge title="It is in memory now, so an answer starts at once.">loaded</Badge>}
        </div>
        <p>{facts.join(' · ')}</p>
        {model.ownUseOnly && (
          <p>The sample: real but tiny, here so that everything can be tried. It is never offered to others.</p>
        )}
      </div>
      {withSwitch && !model.ownUseOnly && (
        <Switch
          label={`Share ${model.name}`}
          checked={model.shared}
          onChange={(shared) => void command('setModelShared', { model: model.name, shared })}
        />
      )}
    </li>
  );
}
