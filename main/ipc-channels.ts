import type { CommandFailure, CommandName } from '../app/contract/commands.ts';
import type { EventName } from '../app/contract/events.ts';

/** The names both ends of the door agree on, and how an answer looks: Electron would turn an error into a line of text. */
export const SNAPSHOT_CHANNEL = 'lobstah:snapshot';
/** not for pages: the preload script tells how tall the popover's content is */
export const HEIGHT_CHANNEL = 'lobstah:popover-height';
export const commandChannel = (name: CommandName) => `lobstah:command:${name}` as const;
export const eventChannel = (name: EventName) => `lobstah:event:${name}` as const;

export type IpcAnswer =
  { readonly ok: true; readonly result: unknown } | { readonly ok: false; readonly failure: CommandFailure };
