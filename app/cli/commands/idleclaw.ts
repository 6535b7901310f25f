import type { Command } from 'commander';
import { addIdleClawSkill } from './idleclaw-skill.ts';
import { addContribute } from './contribute.ts';
import { addConsume } from './consume.ts';
import { addStatus, showIdleClawStatus, type StatusOptions } from './status.ts';

/** `contribute`, `consume` and `status`, and the same under `idleclaw`, where the skill is found, too. */
export function addIdleClaw(program: Command): void {
  addContribute(program);
  addConsume(program);
  addStatus(program);
  const idleclaw = program
    .command('idleclaw')
    .description('the other network: work for its servers, use them, see how they are');
  addContribute(idleclaw);
  addConsume(idleclaw);
  idleclaw
    .command('status')
    .description('an IdleClaw server: is it healthy, how many nodes, which models')
    .option('--server <url>', 'the server (default: IDLECLAW_SERVER, else the list in Settings)')
    .option('--json', 'print JSON')
    .action((options: StatusOptions) => showIdleClawStatus(options));
  addIdleClawSkill(idleclaw);
}
