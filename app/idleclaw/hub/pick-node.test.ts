import { describe, expect, it } from 'vitest';
import { pickNode, scoreNode, type NodeView } from './pick-node.ts';

const node = (over: Partial<NodeView> & { name?: string }) => ({
  name: 'n',
  active: 0,
  maxConcurrent: 2,
  reputation: 0.5,
  availability: 1,
  ...over,
});
const pick = (nodes: ReturnType<typeof node>[], random = () => 0.99) => pickNode(nodes, (view) => view, random)?.name;

describe('scoreNode: load 50 %, reputation 30 %, availability 20 %', () => {
  it.each([
    [{ active: 0, reputation: 1, availability: 1 }, 1],
    [{ active: 1, reputation: 1, availability: 1 }, 0.75],
    [{ active: 2, reputation: 1, availability: 1 }, 0.5],
    [{ active: 9, reputation: 0, availability: 0 }, 0],
    [{ active: 0, reputation: 0, availability: 1 }, 0.7],
    [{ active: 0, reputation: 1, availability: 0 }, 0.8],
    [{ active: 1, reputation: 0.5, availability: 0.5 }, 0.5],
  ])('%j → %d', (view, score) => {
    expect(scoreNode(node(view))).toBeCloseTo(score, 10);
  });
});

describe('pickNode', () => {
  it.each<[string, ReturnType<typeof node>[], string | undefined]>([
    ['nobody', [], undefined],
    ['the idle one before the loaded one', [node({ name: 'a', active: 1 }), node({ name: 'b' })], 'b'],
    ['the reliable one of two idle', [node({ name: 'a', reputation: 0.9 }), node({ name: 'b' })], 'a'],
    [
      'half a load outweighs half a reputation',
      [node({ name: 'a', active: 1, reputation: 1 }), node({ name: 'b', reputation: 0.5 })],
      'b',
    ],
    ['nobody whose places are taken', [node({ active: 2 })], undefined],
    ['nobody who says it is not available', [node({ availability: 0 })], undefined],
    ['a bad name still serves when it is the only one', [node({ name: 'a', reputation: 0 })], 'a'],
  ])('%s', (_name, nodes, expected) => {
    expect(pick(nodes)).toBe(expected);
  });

  it('chooses among equals by chance', () => {
    const equals = [node({ name: 'a' }), node({ name: 'b' }), node({ name: 'c' })];
    expect(pick(equals, () => 0.99)).toBe('a');
    expect(pick(equals, () => 0)).toBe('c');
  });
});
