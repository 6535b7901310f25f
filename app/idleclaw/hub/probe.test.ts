import { describe, expect, it } from 'vitest';
import { decideProbe, type Probed } from './probe.ts';

const node = (over: Partial<Probed> = {}): Probed => ({
  answered: 1,
  reputation: 0.5,
  models: ['small', 'large'],
  isKnown: () => true,
  ...over,
});

describe('decideProbe', () => {
  it.each<[string, Probed, object | undefined]>([
    [
      'a new node, for a sign of life from its smallest model',
      node({ answered: 0 }),
      { about: 'life', model: 'small' },
    ],
    ['a node that failed, whether it is well again', node({ reputation: 0.2 }), { about: 'life', model: 'small' }],
    [
      'what is not known of a model',
      node({ isKnown: (model, about) => model === 'small' || about === 'tool_calls' }),
      { about: 'thinking', model: 'large' },
    ],
    ['nothing of a node that is well and known', node(), undefined],
    ['nothing of a node without models', node({ models: [], answered: 0 }), undefined],
  ])('asks %s', (_name, probed, expected) => {
    expect(decideProbe(probed)).toEqual(expected);
  });
});
