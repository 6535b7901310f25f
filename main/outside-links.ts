import { shell } from 'electron';
import type { CommandArgs } from '../app/contract/commands.ts';

type Link = CommandArgs<'openLink'>['link'];

/** Every address this app can open in a browser. Pages name a link, they never hand over an address. */
const OUTSIDE_LINKS: Readonly<Record<Link, `https://${string}`>> = {
  ollama: 'https://ollama.com/download',
};

export function openOutsideLink(link: Link): Promise<void> {
  return shell.openExternal(OUTSIDE_LINKS[link]);
}
