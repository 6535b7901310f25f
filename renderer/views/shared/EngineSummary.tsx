import './models.css';
import { formatMemory } from '../../format/numbers.ts';
import { useSnapshot } from '../../state/app-context.tsx';
import { Dot } from '../../ui/Dot.tsx';

/** Which engine answers here, and whether it does. */
export function EngineSummary() {
  const engine = useSnapshot((snapshot) => snapshot.engine);
  return (
    <div className="engine">
      <Dot tone={engine.reachable ? 'good' : 'trouble'} />
      <div>
        <b className="strong">
          {engine.label}
          {engine.version !== null && <span className="quiet"> {engine.version}</span>}
        </b>
        <p className="quiet small">
          {engine.where} · this Mac has {formatMemory(engine.memoryBytes)} of memory
        </p>
        {engine.problem !== null && <p className="trouble small">{engine.problem}</p>}
      </div>
    </div>
  );
}
