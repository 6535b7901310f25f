import { verifyEvent } from 'nostr-tools/pure';
import { describe, expect, it } from 'vitest';
import { parseNostrEvent, signNostrEvent, verifyNostrEvent } from './nostr-event.ts';

const key = new Uint8Array(32).fill(7);
const event = signNostrEvent({ kind: 1, tags: [['t', 'x']], content: 'mine', createdAtSeconds: 1_790_000_000 }, key);

describe('verifying an event', () => {
  it('takes what its author signed, from text', () => {
    expect(verifyNostrEvent(JSON.parse(JSON.stringify(event)))).toEqual(event);
  });

  it.each(['content', 'created_at', 'kind', 'tags', 'pubkey', 'id', 'sig'] as const)(
    'refuses a changed %s',
    (member) => {
      const changed = {
        content: 'theirs',
        created_at: event.created_at + 1,
        kind: 2,
        tags: [],
        pubkey: 'a'.repeat(64),
        id: 'b'.repeat(64),
        sig: 'c'.repeat(128),
      }[member];
      expect(verifyNostrEvent({ ...event, [member]: changed })).toBeUndefined();
    },
  );

  it('refuses a forgery that copies the note of a verified one; the library alone believes it', () => {
    const verified = { ...event };
    expect(verifyEvent(verified)).toBe(true);
    const forged = { ...verified, content: 'theirs' };
    expect(verifyEvent(forged)).toBe(true); // the trap: this test has a reason as long as this line holds
    expect(verifyNostrEvent(forged)).toBeUndefined();
    expect(Object.getOwnPropertySymbols(verifyNostrEvent(verified) ?? {})).toEqual([]);
    expect(Object.getOwnPropertySymbols(event)).toEqual([]);
  });

  it('reads nothing that is too large or no event', () => {
    for (const junk of [null, 'x', [], {}, { ...event, tags: [[1]] }, { ...event, content: 'x'.repeat(70_000) }])
      expect(parseNostrEvent(junk)).toBeUndefined();
  });
});
