import { useSnapshot } from '../../state/app-context.tsx';
import { Card } from '../../ui/Card.tsx';
import { ModelRow } from '../shared/ModelRow.tsx';
import { ShareCard } from '../shared/ShareCard.tsx';

export function ShareStep() {
  const models = useSnapshot((snapshot) => snapshot.engine.models);
  const shareable = models.filter(({ ownUseOnly }) => !ownUseOnly);
  return (
    <>
      <p className="quiet">
        Sharing is off until you turn it on. It never stops your own prompts, and who has not got the address and key of
        this Mac cannot find it, unless you announce it.
      </p>
      <ShareCard />
      {shareable.length === 0 ? (
        <Card>
          <p className="quiet">
            There is nothing to share yet: the sample model is for your own use only. Once there is another model, tick
            it on the Models page.
          </p>
        </Card>
      ) : (
        <Card flush label="Models to share">
          <div className="card-head">
            <h2>Models others may ask for</h2>
          </div>
          <ul>
            {shareable.map((model) => (
              <ModelRow key={model.name} model={model} withSwitch />
            ))}
          </ul>
        </Card>
      )}
    </>
  );
}
