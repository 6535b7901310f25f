import type { Command } from 'commander';
import { readRouter, routerUrlOf } from '../router-client.ts';
import { paint, say, sayJson, table } from '../terminal.ts';

interface ModelJson {
  id: string;
  owned_by: string;
  context_length?: number;
  capabilities?: string[];
}

export function addModels(program: Command): void {
  program
    .command('models')
    .description('what can be asked for right now, and who has it')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => {
      const { data } = await readRouter<{ data: ModelJson[] }>(routerUrlOf(), '/v1/models');
      if (options.json) return sayJson({ models: data });
      if (data.length === 0)
        return say("Nothing to ask for: no engine answers and no peer is reachable. 'lobstah doctor' finds out why.");
      const head = ['MODEL', 'FROM', 'CONTEXT', 'CAN'].map((title) => paint('dim', title));
      say(table([head, ...data.map(cells)]));
    });
}

function cells({ id, owned_by, context_length, capabilities }: ModelJson): string[] {
  return [id, owned_by, context_length?.toLocaleString('en') ?? '–', capabilities?.join(', ') || '–'];
}
