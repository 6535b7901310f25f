import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DownloadView } from '../contract/snapshot.ts';
import { DEFAULT_MODEL } from '../engine/default-model.ts';
import { downloadModel } from '../engine/download-model.ts';
import { asGridError, GridError } from '../protocol/errors.ts';

/** The one download there is: the default model of the built-in engine. Starts only when its owner said so. */
export interface ModelDownload {
  view(): DownloadView | null;
  start(): void;
  stop(): void;
}

export function createModelDownload(deps: { modelsFolder: string; onChange: () => void }): ModelDownload {
  let view: DownloadView | null = null;
  let controller: AbortController | undefined;

  const show = (next: DownloadView) => {
    view = next;
    deps.onChange();
  };

  async function run(signal: AbortSignal): Promise<void> {
    const base = { model: DEFAULT_MODEL.name, receivedBytes: 0, totalBytes: null, problem: null };
    show({ ...base, state: 'running' });
    try {
      mkdirSync(deps.modelsFolder, { recursive: true, mode: 0o700 });
      await downloadModel({
        ...DEFAULT_MODEL,
        toFile: join(deps.modelsFolder, DEFAULT_MODEL.fileName),
        signal,
        onProgress: ({ phase, receivedBytes, totalBytes }) =>
          show({
            ...base,
            receivedBytes,
            totalBytes: totalBytes ?? null,
            state: phase === 'checking' ? 'checking' : 'running',
          }),
      });
      show({ ...(view ?? base), state: 'done' });
    } catch (thrown) {
      const cancelled = signal.aborted;
      show({
        ...(view ?? base),
        state: cancelled ? 'cancelled' : 'failed',
        problem: cancelled ? null : `${asGridError(thrown).message} ${asGridError(thrown).hint}`,
      });
    } finally {
      controller = undefined;
    }
  }

  return {
    view: () => view,
    start() {
      if (controller) throw new GridError('invalid_argument', 'The download runs already.');
      controller = new AbortController();
      void run(controller.signal);
    },
    stop: () => controller?.abort(),
  };
}
