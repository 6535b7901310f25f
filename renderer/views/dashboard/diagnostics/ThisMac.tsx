import { useSnapshot } from '../../../state/app-context.tsx';
import { Card } from '../../../ui/Card.tsx';
import { CopyButton } from '../../../ui/CopyButton.tsx';

export function ThisMac() {
  const pubkey = useSnapshot((snapshot) => snapshot.pubkey);
  const version = useSnapshot((snapshot) => snapshot.version);
  const routerUrl = useSnapshot((snapshot) => snapshot.routerUrl);
  const workerUrl = useSnapshot((snapshot) => snapshot.workerUrl);
  return (
    <>
      <h2 className="section-title">This Mac</h2>
      <Card label="This Mac">
        <dl className="facts">
          <dt>Key</dt>
          <dd>
            <code className="mono cut selectable" title={pubkey}>
              {pubkey}
            </code>
            <CopyButton text={pubkey} what="key" />
          </dd>
          <dt>Worker, for peers</dt>
          <dd>
            <code className="mono selectable">{workerUrl ?? 'not running'}</code>
            {workerUrl !== null && <CopyButton text={workerUrl} what="worker address" />}
          </dd>
          <dt>Router, for your programs</dt>
          <dd>
            <code className="mono selectable">{routerUrl ?? 'not running'}</code>
            {routerUrl !== null && <CopyButton text={routerUrl} what="router address" />}
          </dd>
          <dt>Version</dt>
          <dd className="selectable">{version}</dd>
        </dl>
      </Card>
    </>
  );
}
