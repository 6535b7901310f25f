import type { IdleClawServerView, IdleClawView } from '../../app/contract/snapshot.ts';
import { CommandError } from '../state/command-error.ts';
import type { SceneName } from './scene.ts';

const OFF: Pick<IdleClawServerView, 'state' | 'sentence'> = {
  state: 'off',
  sentence: 'Not contributing. No connection is open.',
};
const ON: Pick<IdleClawServerView, 'state' | 'sentence'> = {
  state: 'contributing',
  sentence: 'Registered with 2 models.',
};

export function mockIdleClaw(scene: SceneName): IdleClawView {
  if (scene !== 'busy')
    return { contribute: false, consume: false, servers: [], givenToday: { requests: 0, tokens: 0 } };
  return {
    contribute: true,
    consume: false,
    servers: [{ url: 'https://hub.example', ...ON, active: 0, given: { requests: 31, tokens: 12_480 } }],
    givenToday: { requests: 4, tokens: 1_930 },
  };
}

export function switchMockIdleClaw(view: IdleClawView, part: Partial<IdleClawView>): IdleClawView {
  const next = { ...view, ...part };
  return { ...next, servers: next.servers.map((server) => ({ ...server, ...(next.contribute ? ON : OFF) })) };
}

export function addMockServer(view: IdleClawView, text: string): IdleClawView {
  if (!/^https?:\/\/[^/\s]+/.test(text))
    throw new CommandError({
      code: 'invalid_argument',
      message: `'${text}' is not the address of an IdleClaw server.`,
      hint: "Give it as 'https://host' or 'http://host:port'.",
    });
  const server: IdleClawServerView = { url: text, ...OFF, active: 0, given: { requests: 0, tokens: 0 } };
  return switchMockIdleClaw({ ...view, servers: [...view.servers, server] }, {});
}
