import { Command } from 'commander';
import { VERSION } from './version.ts';

interface CommandFile {
  /** what it adds at the top */
  readonly names: readonly string[];
  readonly add: (program: Command) => Promise<void>;
}

/** In the order of the help. Only the file of the command that was asked for is loaded: the others cost time and memory. */
export const COMMAND_FILES: readonly CommandFile[] = [
  {
    names: ['up', 'worker', 'router'],
    add: async (program) => (await import('./commands/servers.ts')).addServers(program),
  },
  { names: ['open'], add: async (program) => (await import('./commands/open.ts')).addOpen(program) },
  { names: ['chat'], add: async (program) => (await import('./commands/chat.ts')).addChat(program) },
  { names: ['jobs'], add: async (program) => (await import('./commands/jobs.ts')).addJobs(program) },
  { names: ['models'], add: async (program) => (await import('./commands/models.ts')).addModels(program) },
  { names: ['peers'], add: async (program) => (await import('./commands/peers.ts')).addPeers(program) },
  { names: ['overlay'], add: async (program) => (await import('./commands/overlay.ts')).addOverlay(program) },
  { names: ['invite'], add: async (program) => (await import('./commands/invite.ts')).addInvite(program) },
  { names: ['friends'], add: async (program) => (await import('./commands/friends.ts')).addFriends(program) },
  { names: ['devices'], add: async (program) => (await import('./commands/friends.ts')).addDevices(program) },
  { names: ['balance'], add: async (program) => (await import('./commands/balance.ts')).addBalance(program) },
  { names: ['receipts'], add: async (program) => (await import('./commands/receipts.ts')).addReceipts(program) },
  { names: ['ledger'], add: async (program) => (await import('./commands/ledger.ts')).addLedger(program) },
  { names: ['sharing'], add: async (program) => (await import('./commands/sharing.ts')).addSharing(program) },
  {
    names: ['contribute', 'consume', 'status', 'idleclaw'],
    add: async (program) => (await import('./commands/idleclaw.ts')).addIdleClaw(program),
  },
  { names: ['hub'], add: async (program) => (await import('./commands/hub.ts')).addHub(program) },
  { names: ['tracker'], add: async (program) => (await import('./commands/tracker.ts')).addTracker(program) },
  { names: ['nostr'], add: async (program) => (await import('./commands/nostr.ts')).addNostr(program) },
  { names: ['lan'], add: async (program) => (await import('./commands/lan.ts')).addLan(program) },
  { names: ['openclaw'], add: async (program) => (await import('./commands/openclaw.ts')).addOpenclaw(program) },
  { names: ['keygen'], add: async (program) => (await import('./commands/keygen.ts')).addKeygen(program) },
  { names: ['engine'], add: async (program) => (await import('./commands/engine.ts')).addEngine(program) },
  { names: ['doctor'], add: async (program) => (await import('./commands/doctor.ts')).addDoctor(program) },
];

const FOOTER = `
First steps:
  lobstah up                              start worker and router on this machine
  lobstah chat "hello"                    ask, and see who answered
  lobstah peers add lob1… http://host:17474
  curl 127.0.0.1:17475/v1/chat/completions -H 'content-type: application/json' \\
       -d '{"model":"lobstah/auto","messages":[{"role":"user","content":"hello"}]}'

Environment:
  LOBSTAH_HOME     where key, peers, settings and ledger live (default: ~/.lobstah)
  LOBSTAH_ENGINE   auto | ollama | builtin | openai | sample (default: as chosen with 'lobstah engine use', else auto)
  LOBSTAH_ENGINE_URL, LOBSTAH_ENGINE_KEY   address and key of an OpenAI-compatible engine
  OLLAMA_HOST      where Ollama answers (default: http://127.0.0.1:11434)
  IDLECLAW_SERVER  the IdleClaw server of contribute, consume and idleclaw status (no default)
  LOBSTAH_LOG      level of <home>/logs/lobstah.log (default: info)

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 no Lobstah is running, 130 interrupted`;

/**
 * The command tree. Every command takes --json where it prints something a script could want.
 * @param asked the first argument; whatever is not the name of a command brings all of them
 */
export async function createProgram(asked: string | undefined): Promise<Command> {
  const program = new Command('lobstah')
    .description("Idle Macs answer each other's prompts, fairly: earn credit by serving, spend it by asking.")
    .version(VERSION)
    .showHelpAfterError("Add '--help' to see how it is used.")
    .addHelpText('after', FOOTER)
    .exitOverride()
    // An option belongs to the command that it stands behind.
    .enablePositionalOptions()
    .configureHelp({ showGlobalOptions: false });
  const file = COMMAND_FILES.find(({ names }) => asked !== undefined && names.includes(asked));
  for (const { add } of file ? [file] : COMMAND_FILES) await add(program);
  return program;
}
