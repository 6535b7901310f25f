import { Card } from '../../ui/Card.tsx';
import { RouterAddress } from '../shared/RouterAddress.tsx';
import { TryIt } from './TryIt.tsx';

export function UseStep() {
  return (
    <>
      <p className="quiet">
        Give this address to openclaw, or to any program that speaks OpenAI&rsquo;s API, as its base URL. Any API key
        will do.
      </p>
      <RouterAddress />
      <Card label="Try it">
        <TryIt />
      </Card>
    </>
  );
}
