import { describe, expect, it } from 'vitest';
import { EMPTY_OVERLAY_FORM, overlayWish, relayProblem } from './overlay-form.ts';

describe('the form of the overlay', () => {
  it.each([
    ['no address', ''],
    ['no scheme', 'relay.example'],
    ['a scheme that is no relay', 'ftp://relay.example'],
  ])('complains of %s of the own relay, and of nothing else', (_name, url) => {
    expect(relayProblem({ ...EMPTY_OVERLAY_FORM, relay: 'own', url })).toBeTypeOf('string');
    expect(relayProblem({ ...EMPTY_OVERLAY_FORM, relay: 'public', url })).toBeUndefined();
  });
  it('asks for what was chosen', () => {
    expect(overlayWish({ relay: 'own', url: ' https://relay.example ', relayOnly: true })).toEqual({
      state: 'on',
      relay: 'https://relay.example',
      relayOnly: true,
    });
    expect(overlayWish({ relay: 'none', url: '', relayOnly: true })).toMatchObject({ relay: 'none', relayOnly: false });
  });
});
