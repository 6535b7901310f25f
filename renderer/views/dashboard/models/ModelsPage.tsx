import { formatNumberOf } from '../../../format/numbers.ts';
import { useServices, useSnapshot } from '../../../state/app-context.tsx';
import { showFailure } from '../../../state/toasts.ts';
import { Button } from '../../../ui/Button.tsx';
import { Card } from '../../../ui/Card.tsx';
import { Empty } from '../../../ui/Empty.tsx';
import { DownloadCard } from '../../shared/DownloadCard.tsx';
import { EngineSummary } from '../../shared/EngineSummary.tsx';
import { ModelRow } from '../../shared/ModelRow.tsx';
import { PageHead } from '../PageHead.tsx';

export function ModelsPage() {
  const { shell } = useServices();
  const { models, name } = useSnapshot((snapshot) => snapshot.engine);
  const download = useSnapshot((snapshot) => snapshot.download);
  const shared = models.filter((model) => model.shared).length;
  // Who has Ollama has no use for the built-in engine; a download that runs is shown all the same.
  const offersDownload = name === 'sample' || download !== null || models.length === 0;
  return (
    <>
      <PageHead
        title="Models"
        about="Others may ask for the models you tick, while sharing is on. All of them are yours to use."
      />
      <Card label="Engine">
        <EngineSummary />
      </Card>
      <h2 className="section-title">
        On this Mac <span className="quiet">{shared > 0 && `· ${formatNumberOf(shared, 'model')} shared`}</span>
      </h2>
      <Card flush label="Models">
        {models.length === 0 ? (
          <Empty
            title="No models"
            action={<Button onClick={() => shell.openOllamaDownload().catch(showFailure)}>Get Ollama</Button>}
          >
            The engine has no model to answer with. Pull one with Ollama, or download the built-in engine below.
          </Empty>
        ) : (
          <ul>
            {models.map((model) => (
              <ModelRow key={model.name} model={model} withSwitch />
            ))}
          </ul>
        )}
      </Card>
      {offersDownload && <DownloadCard />}
    </>
  );
}
