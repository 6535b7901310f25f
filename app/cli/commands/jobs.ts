import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { GridError } from '../../protocol/errors.ts';
import { shortPubkey } from '../../protocol/pubkey.ts';
import { parseCount } from '../arguments.ts';
import { createJobsClient, gridErrorOf, type JobsClient, type JobView } from '../jobs-client.ts';
import { routerUrlOf } from '../router-client.ts';
import { interruptSignal, number, paint, say, sayJson, table } from '../terminal.ts';

interface JobOptions {
  router?: string;
  json?: boolean;
}

interface SubmitOptions extends JobOptions {
  model?: string;
  system?: string;
  maxTokens?: number;
  wait?: boolean;
}

const LOOK_EVERY_MS = 500;

const HELP = `
A job is kept by the router, encrypted, until somebody has answered it, also across restarts. When nobody can serve it is
tried again for about 40 minutes. Results are kept for an hour.

  lobstah jobs submit --wait "write a long story"
  id=$(lobstah jobs submit --json "write a long story" | jq -r .id)
  lobstah jobs show $id`;

export function addJobs(program: Command): void {
  const jobs = program
    .command('jobs')
    .description('prompts that are answered in the background')
    .addHelpText('after', HELP);
  const shared = (command: Command) =>
    command.option('--router <url>', 'another router than the one of this home').option('--json', 'print JSON');

  shared(jobs.command('submit').description("leave a prompt to be answered; prints the job's id"))
    .argument('<prompt...>', 'the prompt')
    .option('--model <name>', "a model of 'lobstah models' (default: whatever is best)")
    .option('--system <text>', 'a system prompt')
    .option('--max-tokens <count>', 'the longest answer', parseCount(1_000_000))
    .option('--wait', 'show its progress and print the answer; Ctrl-C leaves the job running')
    .action(submit);
  shared(jobs.command('list').description('the newest jobs, and how they are')).action(list);
  shared(jobs.command('show').description('one job, with its answer when it is done'))
    .argument('<id>', 'the id, or enough of its beginning')
    .option('--wait', 'wait until it has ended')
    .action(async (id: string, options: SubmitOptions) => {
      const client = clientOf(options);
      const job = options.wait ? await waitFor(client, id, options) : await client.find(id);
      show(job, options);
    });
  shared(jobs.command('cancel').description('end a job, also at the peer that works on it'))
    .argument('<id>', 'the id, or enough of its beginning')
    .action(async (id: string, options: JobOptions) => {
      const job = await clientOf(options).cancel(id);
      if (options.json) sayJson(job);
      else say(`Job ${job.id.slice(0, 12)} is cancelled.`);
    });
}

function clientOf(options: JobOptions): JobsClient {
  return createJobsClient((options.router ?? routerUrlOf()).replace(/\/(v1\/?)?$/, ''));
}

async function submit(words: string[], options: SubmitOptions): Promise<void> {
  const prompt = words.join(' ');
  if (prompt.trim() === '') throw new GridError('invalid_argument', 'The prompt is empty.');
  const client = clientOf(options);
  const job = await client.place({
    model: options.model ?? 'lobstah/auto',
    messages: [
      ...(options.system ? [{ role: 'system', content: options.system }] : []),
      { role: 'user', content: prompt },
    ],
    ...(options.maxTokens === undefined ? {} : { max_tokens: options.maxTokens }),
  });
  if (options.wait) return show(await waitFor(client, job.id, options), options);
  if (options.json) sayJson(job);
  else say(`Job ${job.id}\n${paint('dim', `lobstah jobs show ${job.id.slice(0, 12)}`)}`);
}

async function list(options: JobOptions): Promise<void> {
  const jobs = await clientOf(options).list();
  if (options.json) return sayJson({ jobs });
  if (jobs.length === 0) return say("No jobs. 'lobstah jobs submit PROMPT' leaves one.");
  say(
    table([
      ['PLACED', 'STATUS', 'MODEL', 'WITH', 'TOKENS', 'JOB'].map((title) => paint('dim', title)),
      ...jobs.map((job) => [
        new Date(job.createdAt).toLocaleString('sv'),
        job.status,
        job.model,
        job.workerPubkey ? shortPubkey(job.workerPubkey) : '–',
        job.receipt ? number(job.receipt.receipt.outputTokens) : '–',
        job.id.slice(0, 12),
      ]),
    ]),
  );
}

/** Progress goes to stderr, on a terminal only: stdout stays the answer's. */
async function waitFor(client: JobsClient, id: string, options: JobOptions): Promise<JobView> {
  const signal = interruptSignal();
  const isShown = process.stderr.isTTY && !options.json;
  for (;;) {
    const job = await client.find(id);
    const isOver = job.status !== 'queued' && job.status !== 'running';
    if (isShown) process.stderr.write(`\r\u001b[K${isOver ? '' : progressOf(job)}`);
    if (isOver) return job;
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

function progressOf({ status, outputTokens, tries = 0 }: JobView): string {
  if (status === 'running') return `running, ${number(outputTokens ?? 0)} tokens so far`;
  return tries > 0 ? `queued, nobody could serve at ${tries} ${tries === 1 ? 'try' : 'tries'}` : 'queued';
}

function show(job: JobView, options: JobOptions): void {
  if (options.json) {
    sayJson(job);
    if (job.status === 'failed') process.exitCode = 1;
    return;
  }
  if (job.status === 'failed' && job.error) throw gridErrorOf(job.error);
  if (job.status === 'cancelled') return say(`Job ${job.id.slice(0, 12)} was cancelled.`);
  if (job.status !== 'done') return say(`Job ${job.id.slice(0, 12)}: ${progressOf(job)}.`);
  say(job.result?.choices[0]?.message.content ?? '');
  const facts = [
    job.result?.model ?? job.model,
    ...(job.workerPubkey ? [`peer ${shortPubkey(job.workerPubkey)}`] : []),
    ...(job.receipt
      ? [
          `${number(job.receipt.receipt.outputTokens)} tokens`,
          `receipt: lobstah receipts show ${job.receipt.receipt.jobId.slice(0, 12)}`,
        ]
      : ['no good receipt, nothing charged']),
  ];
  say(`\n${paint('dim', facts.join(' · '))}`);
}
