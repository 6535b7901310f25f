import { expect, it } from 'vitest';
import { isTrustedSender } from './trusted-sender.ts';

const PAGE = { url: 'lobstah-app://pages/#/popover', isMain: true };

it('our page, in the main frame of our window', () => {
  expect(isTrustedSender({ isOurWindow: true, frame: PAGE })).toBe(true);
});

it.each([
  ['a window that is not ours', { isOurWindow: false, frame: PAGE }],
  ['a frame inside our page', { isOurWindow: true, frame: { ...PAGE, isMain: false } }],
  ['a frame that is gone', { isOurWindow: true, frame: undefined }],
  ['a web page in our window', { isOurWindow: true, frame: { ...PAGE, url: 'https://example.com/' } }],
  ['a file in our window', { isOurWindow: true, frame: { ...PAGE, url: 'file:///tmp/a.html' } }],
  ['another host of our scheme', { isOurWindow: true, frame: { ...PAGE, url: 'lobstah-app://pages.evil/' } }],
  ['our address as a name', { isOurWindow: true, frame: { ...PAGE, url: 'https://x/lobstah-app://pages/' } }],
])('not %s', (_who, sender) => {
  expect(isTrustedSender(sender)).toBe(false);
});
