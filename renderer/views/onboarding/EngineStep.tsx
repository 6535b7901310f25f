import { useServices, useSnapshot } from '../../state/app-context.tsx';
import { showFailure } from '../../state/toasts.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { Note } from '../../ui/Note.tsx';
import { DownloadCard } from '../shared/DownloadCard.tsx';
import { EngineSummary } from '../shared/EngineSummary.tsx';
import { ModelRow } from '../shared/ModelRow.tsx';

export function EngineStep() {
  const { shell } = useServices();
  const engine = useSnapshot((snapshot) => snapshot.engine);
  const hasRealModel = engine.models.some(({ ownUseOnly }) => !ownUseOnly);
  return (
    <>
      <p className="quiet">
        {hasRealModel
          ? 'Lobstah found an engine with models. Whether each fits the memory of this Mac is beside its name.'
          : 'Lobstah needs an engine that runs models. You can get one now, or later.'}
      </p>
      <Card label="Engine">
        <EngineSummary />
      </Card>
      {!hasRealModel && (
        <>
          {engine.models.length > 0 && (
            <Note>
              <b>Only the sample model runs so far.</b> It is real but tiny: good for trying everything out, not for
              answers you would rely on, and never offered to others.
            </Note>
          )}
          <Card className="row">
            <div>
              <b className="strong">Ollama</b>
              <p className="quiet small">
                The usual choice: many models, fast on a Mac. Lobstah finds it by itself once it runs.
              </p>
            </div>
            <Button small onClick={() => shell.openOllamaDownload().catch(showFailure)}>
              Get Ollama
            </Button>
          </Card>
          <DownloadCard />
        </>
      )}
      {hasRealModel && (
        <Card flush label="Models">
          <ul>
            {engine.models.map((model) => (
              <ModelRow key={model.name} model={model} withSwitch={false} />
            ))}
          </ul>
        </Card>
      )}
    </>
  );
}
