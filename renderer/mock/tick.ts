import type { DownloadView, GridSnapshot, JobView } from '../../app/contract/snapshot.ts';
import type { MockGrid } from './mock-grid.ts';

const TICK_MS = 500;
const DOWNLOAD_BYTES_PER_TICK = 24_000_000;

/** Lets time pass: answers grow, end and are booked; a download comes in. */
export function startTicking(grid: MockGrid): void {
  setInterval(() => grid.change((snapshot) => tick(grid, snapshot)), TICK_MS);
}

function tick(grid: MockGrid, { jobs, today, download }: GridSnapshot): Partial<GridSnapshot> {
  const grown = jobs.map(grow);
  const ended = grown.filter((job) => job.outputTokens >= job.maxOutputTokens);
  let { earned, spent } = today;
  for (const job of ended) {
    grid.addEntry();
    if (job.direction === 'serving') earned += job.outputTokens;
    if (job.direction === 'asking') spent += job.outputTokens;
  }
  return {
    jobs: grown.map((job) =>
      ended.includes(job) ? { ...job, jobId: `${job.jobId.slice(8)}00000000`, outputTokens: 1 } : job,
    ),
    today: { ...today, earned, spent },
    download: download && arrive(download),
  };
}

function grow(job: JobView): JobView {
  const rate = (job.tokensPerSecond ?? 20) + (Math.random() - 0.5);
  const outputTokens = Math.min(job.maxOutputTokens, job.outputTokens + Math.round((rate * TICK_MS) / 1_000));
  return { ...job, tokensPerSecond: rate, outputTokens };
}

function arrive(download: DownloadView): DownloadView {
  if (download.state !== 'running' || download.totalBytes === null) return download;
  const receivedBytes = Math.min(download.totalBytes, download.receivedBytes + DOWNLOAD_BYTES_PER_TICK);
  return { ...download, receivedBytes, state: receivedBytes === download.totalBytes ? 'done' : 'running' };
}
