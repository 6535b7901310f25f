import { describe, expect, it } from 'vitest';
import { checkRelayForm } from './relay-form.ts';

const form = { relays: 'wss://a.example, ws://127.0.0.1:7777', url: 'https://mac.example', label: '' };

describe('the form of relays', () => {
  it('is fine as it is', () => {
    expect(checkRelayForm(form, true)).toEqual({});
    expect(checkRelayForm({ ...form, url: '' }, false)).toEqual({});
  });

  it('names what is missing or odd', () => {
    expect(checkRelayForm({ ...form, relays: ' ' }, false).relays).toMatch(/Which relay/);
    expect(checkRelayForm({ ...form, relays: 'https://a.example' }, false).relays).toMatch(/no relay/);
    expect(checkRelayForm({ ...form, relays: 'wss://a wss://b '.repeat(5) }, false).relays).toBeUndefined();
    expect(checkRelayForm({ ...form, url: '' }, true).url).toMatch(/Where do others/);
    expect(checkRelayForm({ ...form, url: 'ftp://x' }, true).url).toMatch(/http/);
    expect(checkRelayForm({ ...form, label: 'x'.repeat(41) }, true).label).toMatch(/40/);
  });
});
