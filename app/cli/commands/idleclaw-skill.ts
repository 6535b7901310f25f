import { cpSync, existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { GridError } from '../../protocol/errors.ts';
import { say, sayJson } from '../terminal.ts';

const ROOT = join(import.meta.dirname, '../../..');
const SKILL = join(ROOT, 'resources/skills/idleclaw');
const COMMAND = join(ROOT, 'tools/lobstah.sh');

interface SkillOptions {
  to?: string;
  json?: boolean;
}

export function addIdleClawSkill(idleclaw: Command): void {
  idleclaw
    .command('skill')
    .description('the IdleClaw skill for openclaw and its kin: where it is, or a copy of it for an agent')
    .option('--to <folder>', "copy it to FOLDER/idleclaw; openclaw reads 'skills' in its workspace")
    .option('--json', 'print JSON')
    .action(({ to, json }: SkillOptions) => {
      if (!existsSync(join(SKILL, 'SKILL.md'))) throw new GridError('not_found', `There is no skill at '${SKILL}'.`);
      const folder = to === undefined ? SKILL : install(resolve(to));
      if (json) return sayJson({ folder, installed: to !== undefined });
      say(folder);
      if (to !== undefined) say(`Installed. Check it: sh '${join(folder, 'install.sh')}'`);
    });
}

/** A copy, and a note of where this lobstah is: an agent's PATH seldom has it. @throws GridError invalid_argument */
function install(skillsFolder: string): string {
  const folder = join(skillsFolder, 'idleclaw');
  try {
    cpSync(SKILL, folder, { recursive: true });
    writeFileSync(join(folder, 'lobstah-command'), `${COMMAND}\n`);
  } catch (cause) {
    throw new GridError('invalid_argument', `'${folder}' cannot be written.`, { cause });
  }
  return folder;
}
