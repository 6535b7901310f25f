import { describe, expect, it } from 'vitest';
import type { Bridge } from '../../app/contract/bridge.ts';
import type { GridSnapshot } from '../../app/contract/snapshot.ts';
import { mockSnapshot } from '../mock/mock-snapshot.ts';
import { createRandom } from '../mock/random.ts';
import { parseScene } from '../mock/scene.ts';
import { acceptSnapshot, createMirrorStore, startMirror } from './mirror-store.ts';

const first = mockSnapshot(parseScene(''), createRandom(1), 1_000);
const at = (revision: number, version = '0.1.0'): GridSnapshot => ({ ...structuredClone(first), revision, version });

describe('the mirror', () => {
  it('takes revisions only forward', () => {
    const store = createMirrorStore();
    acceptSnapshot(store, at(5, 'new'));
    acceptSnapshot(store, at(4, 'overtaken'));
    acceptSnapshot(store, at(5, 'said twice'));
    expect(store.getState().snapshot?.version).toBe('new');
    acceptSnapshot(store, at(6, 'newer'));
    expect(store.getState().snapshot?.version).toBe('newer');
  });

  it('keeps the identity of parts that did not change', () => {
    const store = createMirrorStore();
    acceptSnapshot(store, at(1));
    const before = store.getState().snapshot?.peers;
    acceptSnapshot(store, at(2));
    expect(store.getState().snapshot?.peers).toBe(before);
  });

  it('listens before it asks, and does not let the answer overtake an event', async () => {
    const calls: string[] = [];
    let tell: (snapshot: GridSnapshot) => void = () => undefined;
    let answer: (snapshot: GridSnapshot) => void = () => undefined;
    const asked = new Promise<GridSnapshot>((resolve) => (answer = resolve));
    const bridge = {
      shell: 'app',
      on: (name: string, listener: (snapshot: GridSnapshot) => void) => {
        calls.push(`on ${name}`);
        tell = listener;
        return () => calls.push('off');
      },
      snapshot: () => {
        calls.push('snapshot');
        return asked;
      },
      command: () => Promise.reject(new Error('not asked for')),
    } as unknown as Bridge;

    const store = createMirrorStore();
    const stop = startMirror(store, bridge);
    expect(calls).toEqual(['on snapshot', 'snapshot']);
    tell(at(8, 'event'));
    answer(at(7, 'answer'));
    await asked;
    expect(store.getState().snapshot?.version).toBe('event');
    stop();
    expect(calls.at(-1)).toBe('off');
  });
});
