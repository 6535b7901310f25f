import type { Command } from 'commander';
import { GridError } from '../../protocol/errors.ts';
import { shortPubkey } from '../../protocol/pubkey.ts';
import { askRouter, type RouterDone } from '../../runtime/ask-router.ts';
import { parseCount } from '../arguments.ts';
import { readPrompt } from '../read-prompt.ts';
import { apiKeyFromEnvironment, readRouter, routerUrlOf } from '../router-client.ts';
import { interruptSignal, number, paint, say, sayJson } from '../terminal.ts';

interface ChatOptions {
  model?: string;
  system?: string;
  maxTokens?: number;
  router?: string;
  json?: boolean;
}

interface LedgerJson {
  entries: { jobId: string; kind: string; amountMicro: number; dispute?: string }[];
}

export function addChat(program: Command): void {
  program
    .command('chat')
    .description('ask the grid: streams the answer, then says who answered, how fast, and what it cost')
    .argument('<prompt...>', "the prompt; '-' reads it from standard input")
    .option('--model <name>', "a model of 'lobstah models' (default: whatever is best)")
    .option('--system <text>', 'a system prompt')
    .option('--max-tokens <count>', 'the longest answer', parseCount(1_000_000))
    .option('--router <url>', 'another router than the one of this home')
    .option('--json', 'print one JSON document at the end instead')
    .action(chat);
}

async function chat(words: string[], options: ChatOptions): Promise<void> {
  const signal = interruptSignal();
  const prompt = await readPrompt(words.join(' '), signal);
  if (prompt.trim() === '') throw new GridError('invalid_argument', 'The prompt is empty.');
  const routerUrl = (options.router ?? routerUrlOf()).replace(/\/(v1\/?)?$/, '');
  const messages = [
    ...(options.system ? [{ role: 'system' as const, content: options.system }] : []),
    { role: 'user' as const, content: prompt },
  ];
  const answer = askRouter(
    { routerUrl, model: options.model, messages, maxTokens: options.maxTokens, apiKey: apiKeyFromEnvironment() },
    signal,
  );
  let text = '';
  let wasReasoning = false;
  for (;;) {
    const next = await answer.next();
    if (next.done) {
      await finish(text, next.value, routerUrl, options);
      return;
    }
    const { text: part, reasoning } = next.value;
    if (!reasoning) text += part;
    if (options.json) continue;
    if (wasReasoning && !reasoning) process.stdout.write('\n\n');
    wasReasoning = reasoning;
    process.stdout.write(reasoning ? paint('dim', part) : part);
  }
}

async function finish(text: string, done: RouterDone, routerUrl: string, options: ChatOptions): Promise<void> {
  const { entries } = await readRouter<LedgerJson>(routerUrl, '/ledger?limit=20');
  const entry = entries.find(({ jobId }) => jobId === done.jobId);
  const cost = entry?.kind === 'asked' ? entry.amountMicro / 1e6 : 0;
  if (options.json)
    return sayJson({ text, ...done, cost, ledger: entry?.kind ?? null, dispute: entry?.dispute ?? null });
  const facts = [
    done.model,
    done.source ??
      (entry?.kind === 'own'
        ? 'this machine'
        : `peer ${done.workerPubkey ? shortPubkey(done.workerPubkey) : 'unknown'}`),
    // Token counts do not cross IdleClaw.
    ...(done.source ? [] : [`${done.outputTokens} tokens`]),
    ...(done.tokensPerSecond ? [`${number(done.tokensPerSecond)} tok/s`] : []),
    entry?.kind === 'own'
      ? 'free'
      : entry?.dispute
        ? `receipt disputed (${entry.dispute}), nothing charged`
        : `${number(cost)} credits`,
  ];
  say(`\n\n${paint('dim', facts.join(' · '))}`);
  if (entry) say(paint('dim', `receipt: lobstah receipts show ${entry.jobId.slice(0, 12)}`));
}
