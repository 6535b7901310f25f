/// <reference lib="dom" />
import { contextBridge, ipcRenderer } from 'electron';
import type { Bridge } from '../app/contract/bridge.ts';
import { COMMAND_NAMES, type CommandFailure } from '../app/contract/commands.ts';
import { EVENT_NAMES } from '../app/contract/events.ts';
import { commandChannel, eventChannel, HEIGHT_CHANNEL, SNAPSHOT_CHANNEL, type IpcAnswer } from './ipc-channels.ts';

/** Runs in each page before its own code, and hands it the bridge: no channel names, no Electron, no event objects. */
const unknownName: CommandFailure = {
  code: 'invalid_argument',
  message: 'There is no command or event of that name.',
  hint: 'The pages and the app are of different versions: quit Lobstah and open it again.',
};

/** Fails with the plain failure: of an Error only its text would come through to the page. */
async function ask(channel: string, args?: unknown): Promise<unknown> {
  const answer = (await ipcRenderer.invoke(channel, args)) as IpcAnswer;
  return answer.ok ? answer.result : Promise.reject(answer.failure);
}

const commands = new Map<string, (args: unknown) => Promise<unknown>>(
  COMMAND_NAMES.map((name) => [name, (args) => ask(commandChannel(name), args)]),
);
const events = new Map<string, (listener: (event: unknown) => void) => () => void>(
  EVENT_NAMES.map((name) => [
    name,
    (listener) => {
      const forward = (_event: unknown, payload: unknown) => listener(payload);
      ipcRenderer.on(eventChannel(name), forward);
      return () => void ipcRenderer.off(eventChannel(name), forward);
    },
  ]),
);

const bridge = {
  shell: 'app',
  command: (name: string, args: unknown) => commands.get(name)?.(args) ?? Promise.reject(unknownName),
  snapshot: () => ask(SNAPSHOT_CHANNEL),
  on(name: string, listener: (event: unknown) => void) {
    const subscribe = events.get(name);
    if (!subscribe) throw new Error(unknownName.message);
    return subscribe(listener);
  },
};

contextBridge.exposeInMainWorld('lobstah', bridge satisfies { [Member in keyof Bridge]: unknown });

/** The popover's window is as tall as its content, and only the page knows when that changes. */
window.addEventListener('DOMContentLoaded', () => {
  if (!window.location.hash.startsWith('#/popover')) return;
  const tell = () => {
    // Before the page has drawn something the document is as tall as the window.
    if (document.querySelector('main')) void ipcRenderer.invoke(HEIGHT_CHANNEL, document.documentElement.offsetHeight);
  };
  new ResizeObserver(tell).observe(document.documentElement);
});
