import './models.css';
import { formatBytes } from '../../format/numbers.ts';
import { useSnapshot } from '../../state/app-context.tsx';
import { useCommand } from '../../state/use-command.ts';
import { Bar } from '../../ui/Bar.tsx';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';

/** The built-in engine's model: fetched only when asked for, with progress, and stopped with one click. */
export function DownloadCard() {
  const download = useSnapshot((snapshot) => snapshot.download);
  const command = useCommand();
  const start = () => void command('startDownload', {});
  const stop = () => void command('stopDownload', {});

  if (download?.state === 'running' || download?.state === 'checking') {
    const { receivedBytes, totalBytes } = download;
    const isChecking = download.state === 'checking';
    return (
      <Card label="Download" className="download">
        <div className="row">
          <div>
            <b className="strong">
              {isChecking ? 'Checking' : 'Downloading'} {download.model}
            </b>
            <p className="quiet small figures">
              {isChecking
                ? 'Comparing it with the checksum of its publisher'
                : `${formatBytes(receivedBytes)}${totalBytes === null ? '' : ` of ${formatBytes(totalBytes)}`}`}
            </p>
          </div>
          <Button small onClick={stop}>
            Cancel
          </Button>
        </div>
        <Bar
          label={`Download of ${download.model}`}
          value={totalBytes === null || isChecking ? null : receivedBytes}
          max={totalBytes ?? 1}
        />
      </Card>
    );
  }
  return (
    <Card label="Built-in engine" className="download">
      <div className="row">
        <div>
          <b className="strong">Built-in engine</b>
          <p className="quiet small">
            {download?.state === 'done'
              ? `${download.model} is here and runs inside Lobstah.`
              : 'Lobstah fetches a small open model from Hugging Face and runs it itself. Hugging Face learns your IP address.'}
          </p>
          {download?.state === 'failed' && <p className="trouble small">{download.problem}</p>}
          {download?.state === 'cancelled' && <p className="quiet small">Cancelled. What had arrived was deleted.</p>}
        </div>
        {download?.state !== 'done' && (
          <Button small onClick={start}>
            {download === null ? 'Download' : 'Try again'}
          </Button>
        )}
      </div>
    </Card>
  );
}
