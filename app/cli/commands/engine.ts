import { readFileSync } from 'node:fs';
import { Argument, type Command } from 'commander';
import type { CommandArgs } from '../../contract/commands.ts';
import type { EngineChoiceView, EngineKindView, EngineView } from '../../contract/snapshot.ts';
import { ENGINE_KINDS } from '../../engine/engine-choice.ts';
import { asGridError, GridError } from '../../protocol/errors.ts';
import { engineChoiceView } from '../../runtime/engine-choice-view.ts';
import { openEngineKeys } from '../../runtime/engine-keys.ts';
import { findHome, openHome } from '../../runtime/home.ts';
import { openOwnEngine } from '../../runtime/own-engine.ts';
import { openSettingsFile } from '../../runtime/settings.ts';
import { useEngine } from '../../runtime/use-engine.ts';
import { controlCommand, controlSnapshot } from '../control-client.ts';
import { paint, say, sayJson } from '../terminal.ts';

const LOOK_TIMEOUT_MS = 10_000;

interface UseOptions {
  url?: string;
  keyFile?: string;
  forgetKey?: boolean;
  json?: boolean;
}

type Found = Pick<EngineView, 'name' | 'where' | 'reachable' | 'problem'> & { readonly models: readonly string[] };

export function addEngine(program: Command): void {
  const engine = program
    .command('engine')
    .description('what answers prompts on this machine, and choosing another')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  lobstah engine                                            what was found, and what it has
  lobstah engine use auto                                   Ollama, else a downloaded model, else the sample
  lobstah engine use openai --url http://127.0.0.1:1234     LM Studio; llama.cpp: 8080, vLLM: 8000, exo: 52415
  lobstah engine use openai --url http://gpu:8000 --key-file - < key.txt

The key is kept in the keychain by the app, else in a file that only you can read; it is never shown again.`,
    )
    .action(async (options: { json?: boolean }) => report(options));

  engine
    .command('use')
    .description('choose the engine; a running Lobstah follows at once')
    .addArgument(
      new Argument('<engine>', 'auto, ollama, builtin, openai (whatever speaks its API) or sample').choices(
        ENGINE_KINDS,
      ),
    )
    .option('--url <url>', "address of an OpenAI-compatible engine, with or without '/v1'")
    .option('--key-file <file>', "its key, from a file; '-' reads it from standard input")
    .option('--forget-key', 'forget the stored key')
    .option('--json', 'print JSON')
    .action(async (kind: EngineKindView, options: UseOptions, command: Command) => {
      await choose({
        kind,
        ...(options.url === undefined ? {} : { url: options.url }),
        ...keyOf(options),
      });
      await report(command.optsWithGlobals<{ json?: boolean }>());
    });
}

/** Not as an argument: those stand in the shell's history and in every list of processes. */
function keyOf({ keyFile, forgetKey }: UseOptions): { key?: string | null } {
  if (forgetKey) return { key: null };
  if (keyFile === undefined) return {};
  try {
    return { key: readFileSync(keyFile === '-' ? 0 : keyFile, 'utf8').trim() };
  } catch (error) {
    throw new GridError('invalid_argument', `The key cannot be read from '${keyFile}'.`, { cause: error });
  }
}

/** Through a running Lobstah, which may keep the key in a keychain; else straight into the home. */
async function choose(args: CommandArgs<'useEngine'>): Promise<void> {
  try {
    await controlCommand('useEngine', args);
  } catch (error) {
    if (!isNotRunning(error)) throw error;
    const { env, settings, keys } = openParts();
    useEngine(args, { env, settings, keys });
  }
}

async function report({ json }: { json?: boolean }): Promise<void> {
  const { choice, found } = await look();
  if (json) return sayJson({ choice, found });
  say(`chosen  ${chosenLine(choice)}`);
  say(`found   ${paint(found.reachable ? 'bold' : 'yellow', foundLine(found))}`);
  for (const model of found.models) say(`          ${model}`);
}

function chosenLine({ kind, url, hasKey, fixedBy }: EngineChoiceView): string {
  const address =
    kind === 'openai' ? ` at ${url ?? 'no address yet'}${hasKey ? ', with a key' : ', without a key'}` : '';
  return `${kind}${address}${fixedBy ? paint('dim', `  (by ${fixedBy})`) : ''}`;
}

function foundLine({ name, where, reachable, problem, models }: Found): string {
  if (!reachable) return problem ?? 'nothing that answers';
  const count = models.length === 1 ? 'one model' : `${models.length || 'no'} models`;
  return `${name} at ${where}, ${count}`;
}

async function look(): Promise<{ choice: EngineChoiceView; found: Found }> {
  try {
    const { engine, engineChoice: choice } = await controlSnapshot();
    const { name, where, reachable, problem } = engine;
    return { choice, found: { name, where, reachable, problem, models: engine.models.map((model) => model.name) } };
  } catch (error) {
    if (!isNotRunning(error)) throw error;
    return lookAlone();
  }
}

async function lookAlone(): Promise<{ choice: EngineChoiceView; found: Found }> {
  const { env, home, settings, keys } = openParts();
  const engine = openOwnEngine({ env, home, settings, keys });
  const signal = AbortSignal.timeout(LOOK_TIMEOUT_MS);
  try {
    const status = await engine.status(signal);
    const models = status.reachable ? await engine.models(signal) : [];
    return {
      choice: engineChoiceView({ config: { env }, settings, engineKeys: keys }),
      found: {
        name: status.engine,
        where: status.where,
        reachable: status.reachable,
        problem: status.problem ?? null,
        models: models.map(({ name }) => name),
      },
    };
  } finally {
    await engine.close();
  }
}

function openParts() {
  const { env } = process;
  const home = findHome(env);
  openHome(home);
  const settings = openSettingsFile(home.settingsFile);
  return { env, home, settings, keys: openEngineKeys({ file: home.engineKeyFile, env }) };
}

const isNotRunning = (error: unknown) => asGridError(error).code === 'not_running';
