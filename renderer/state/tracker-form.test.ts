import { describe, expect, it } from 'vitest';
import { checkTrackerForm, splitTrackers } from './tracker-form.ts';

const good = { trackers: 'https://tracker.example:17476', url: 'https://mac.example:17474', label: 'my-mac' };

describe('checkTrackerForm', () => {
  it('takes what is right', () => {
    expect(checkTrackerForm(good, 'announce')).toEqual({});
    expect(checkTrackerForm({ ...good, url: '', label: '' }, 'sync')).toEqual({});
  });
  it.each([
    ['no tracker', { trackers: ' ' }, 'trackers'],
    ['a tracker without http', { trackers: 'tracker.example' }, 'trackers'],
    ['nine trackers', { trackers: Array.from({ length: 9 }, (_, index) => `http://t${index}`).join(' ') }, 'trackers'],
    ['no address of this Mac', { url: '' }, 'url'],
    ['an address that cannot be dialled', { url: 'ftp://mac' }, 'url'],
    ['a novel as a label', { label: 'x'.repeat(41) }, 'label'],
  ])('complains of %s', (_name, changes, field) => {
    expect(Object.keys(checkTrackerForm({ ...good, ...changes }, 'announce'))).toEqual([field]);
  });
  it('trackers are named once each, between commas or spaces', () => {
    expect(splitTrackers(' http://a, http://b\nhttp://a ')).toEqual(['http://a', 'http://b']);
  });
});
