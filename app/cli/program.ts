import { Command } from 'commander';
import { addBalance } from './commands/balance.ts';
import { addChat } from './commands/chat.ts';
import { addDoctor } from './commands/doctor.ts';
import { addEngine } from './commands/engine.ts';
import { addJobs } from './commands/jobs.ts';
import { addDevices, addFriends } from './commands/friends.ts';
import { addInvite } from './commands/invite.ts';
import { addIdleClaw } from './commands/idleclaw.ts';
import { addHub } from './commands/hub.ts';
import { addKeygen } from './commands/keygen.ts';
import { addLedger } from './commands/ledger.ts';
import { addModels } from './commands/models.ts';
import { addOpen } from './commands/open.ts';
import { addOverlay } from './commands/overlay.ts';
import { addOpenclaw } from './commands/openclaw.ts';
import { addPeers } from './commands/peers.ts';
import { addReceipts } from './commands/receipts.ts';
import { addServers } from './commands/servers.ts';
import { addSharing } from './commands/sharing.ts';
import { addTracker } from './commands/tracker.ts';
import { VERSION } from './version.ts';

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

/** The command tree. Every command takes --json where it prints something a script could want. */
export function createProgram(): Command {
  const program = new Command('lobstah')
    .description("Idle Macs answer each other's prompts, fairly: earn credit by serving, spend it by asking.")
    .version(VERSION)
    .showHelpAfterError("Add '--help' to see how it is used.")
    .addHelpText('after', FOOTER)
    .exitOverride()
    // An option belongs to the command that it stands behind.
    .enablePositionalOptions()
    .configureHelp({ showGlobalOptions: false });
  addServers(program);
  addOpen(program);
  addChat(program);
  addJobs(program);
  addModels(program);
  addPeers(program);
  addOverlay(program);
  addInvite(program);
  addFriends(program);
  addDevices(program);
  addBalance(program);
  addReceipts(program);
  addLedger(program);
  addSharing(program);
  addIdleClaw(program);
  addHub(program);
  addTracker(program);
  addOpenclaw(program);
  addKeygen(program);
  addEngine(program);
  addDoctor(program);
  return program;
}
