import type { Command } from 'commander';
import { GridError } from '../../protocol/errors.ts';
import { findHome } from '../../runtime/home.ts';
import { askServer, type IdleClawQuestion } from '../../runtime/idleclaw/ask-server.ts';
import { namedServers } from '../../runtime/idleclaw/own-list.ts';
import { readPrompt } from '../read-prompt.ts';
import { interruptSignal, paint, sayJson } from '../terminal.ts';

interface ConsumeOptions {
  model: string;
  prompt?: string;
  system?: string;
  server?: string;
  think?: boolean;
  json?: boolean;
}

const HELP = `
The server and the machine it picks can read the prompt. Nothing is paid and no receipt is kept.
IdleClaw has no system messages: a system text is sent in front of the prompt.

  lobstah consume --server https://hub.example --model llama3.2:3b --prompt "hello"
  git diff | lobstah consume --model llama3.2:3b --system "Write a commit message." --prompt -`;

export function addConsume(parent: Command): void {
  parent
    .command('consume')
    .description('ask an IdleClaw server: streams the answer to standard output')
    .requiredOption('--model <name>', "a model of 'lobstah status --server URL'")
    .option('--prompt <text>', "the prompt; '-', or nothing, reads it from standard input")
    .option('--system <text>', 'a system text')
    .option('--server <url>', 'the server (default: IDLECLAW_SERVER, else the first of the list in Settings)')
    .option('--think', 'ask the model to think first')
    .option('--no-think', 'ask it not to')
    .option('--json', 'print one JSON document at the end instead')
    .addHelpText('after', HELP)
    .action(consume);
}

async function consume(options: ConsumeOptions): Promise<void> {
  const signal = interruptSignal();
  const named = options.server === undefined ? [] : [options.server];
  const [server = ''] = namedServers(named, process.env, findHome(process.env));
  const prompt = await readPrompt(options.prompt ?? '-', signal);
  if (prompt.trim() === '') throw new GridError('invalid_argument', 'The prompt is empty.');
  const { model, system, think } = options;
  const answer = { text: '', reasoning: '', tools: [] as { name: string; status: string }[] };
  const print = createPrinter(options.json === true);
  const question: IdleClawQuestion = { server, model, prompt, system, think };
  for await (const { content, reasoning, tool_call: tool } of askServer(question, signal)) {
    if (tool) {
      answer.tools.push(tool);
      print.aside(`[${tool.name}: ${tool.status}]\n`);
    }
    if (!content) continue;
    if (reasoning) {
      answer.reasoning += content;
      print.aside(content);
    } else {
      answer.text += content;
      print.text(content);
    }
  }
  if (options.json) sayJson({ server, model, ...answer });
  else process.stdout.write('\n');
}

/** The answer goes to standard output, what is around it (thinking, tools) to standard error: a pipe gets the answer alone. */
function createPrinter(isQuiet: boolean): { text(part: string): void; aside(part: string): void } {
  let wasAside = false;
  return {
    text(part) {
      if (isQuiet) return;
      if (wasAside) process.stderr.write('\n\n');
      wasAside = false;
      process.stdout.write(part);
    },
    aside(part) {
      if (isQuiet) return;
      wasAside = true;
      process.stderr.write(process.stderr.isTTY ? paint('dim', part) : part);
    },
  };
}
