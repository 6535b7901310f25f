import { useServices, useSnapshot } from '../../../state/app-context.tsx';
import { dashboardHash } from '../../../state/route.ts';
import { useCommand } from '../../../state/use-command.ts';
import { Button } from '../../../ui/Button.tsx';
import { Card } from '../../../ui/Card.tsx';
import { NumberInput } from '../../../ui/NumberInput.tsx';
import { Switch } from '../../../ui/Switch.tsx';
import { FindingCard } from '../../shared/FindingCard.tsx';
import { RouterAddress } from '../../shared/RouterAddress.tsx';
import { ShareCard } from '../../shared/ShareCard.tsx';
import { PageHead } from '../PageHead.tsx';
import { EngineCard } from './EngineCard.tsx';
import { SharingRules } from './SharingRules.tsx';
import { IdleClaw } from './IdleClaw.tsx';
import './settings.css';

const MOST_GIFT_TOKENS = 10_000_000;
const MOST_AT_ONCE = 8;

export function SettingsPage() {
  const { shell } = useServices();
  const settings = useSnapshot((snapshot) => snapshot.settings);
  const command = useCommand();
  return (
    <>
      <PageHead title="Settings" />
      <ShareCard />
      <Card flush label="Limits and start">
        <div className="card-row">
          <div>
            <b className="strong">Gift tokens per day</b>
            <p>
              What strangers may use before they have earned anything with you. All of them draw on this one budget, so
              a thousand new keys get no more than one. 0 gives nothing away.
            </p>
          </div>
          <NumberInput
            label="Gift tokens per day"
            value={settings.giftTokensPerDay}
            min={0}
            max={MOST_GIFT_TOKENS}
            step={1_000}
            onCommit={(giftTokensPerDay) => void command('changeSettings', { giftTokensPerDay })}
          />
        </div>
        <div className="card-row">
          <div>
            <b className="strong">Requests at the same time</b>
            <p>More are answered side by side, each of them slower. Others wait in the queue.</p>
          </div>
          <NumberInput
            label="Requests at the same time"
            value={settings.concurrency}
            min={1}
            max={MOST_AT_ONCE}
            step={1}
            onCommit={(concurrency) => void command('changeSettings', { concurrency })}
          />
        </div>
        {settings.startAtLoginAvailable && (
          <div className="card-row">
            <div>
              <b className="strong">Start at login</b>
              <p>Lobstah starts in the menu bar, without a window. Sharing stays as you left it.</p>
            </div>
            <Switch
              label="Start at login"
              checked={settings.startAtLogin}
              onChange={(startAtLogin) => void command('changeSettings', { startAtLogin })}
            />
          </div>
        )}
      </Card>
      <SharingRules />
      <EngineCard />
      <h2 className="section-title">Finding peers</h2>
      <FindingCard />
      <h2 className="section-title">For openclaw and other programs</h2>
      <Card label="Router" className="stack">
        <p className="quiet">
          Any program that speaks OpenAI&rsquo;s API can use Lobstah: give it this base URL and any API key. It works
          whether sharing is on or off.
        </p>
        <RouterAddress />
        <p className="quiet">
          openclaw can be connected with one click: <a href={dashboardHash('openclaw')}>Connect openclaw</a>.
        </p>
      </Card>
      <IdleClaw />
      <div className="settings-end">
        <Button look="plain" onClick={() => void shell.openWindow('onboarding')}>
          Show the introduction again
        </Button>
        {shell.kind === 'app' && <Button onClick={() => void command('quit', {})}>Quit Lobstah</Button>}
      </div>
    </>
  );
}
