import { describe, expect, it } from 'vitest';
import { pageFile } from './page-path.ts';

const FOLDER = '/app/build/renderer';

describe('which file an address of the pages names', () => {
  it.each([
    ['lobstah-app://pages/', 'index.html'],
    ['lobstah-app://pages/#/popover', 'index.html'],
    ['lobstah-app://pages/assets/main-1.js?x=1', 'assets/main-1.js'],
    ['lobstah-app://pages/a%20b.svg', 'a b.svg'],
    // An address cannot leave its host: these dots are gone before we see them.
    ['lobstah-app://pages/../../package.json', 'package.json'],
    ['lobstah-app://pages/%2e%2e/package.json', 'package.json'],
  ])('%s is %s', (address, file) => {
    expect(pageFile(address, FOLDER)).toBe(`${FOLDER}/${file}`);
  });

  it.each([
    ['up, with an encoded slash', 'lobstah-app://pages/..%2f..%2fpackage.json'],
    ['up from below', 'lobstah-app://pages/assets/..%2f..%2f..%2fpackage.json'],
    ['up with a backslash', 'lobstah-app://pages/..%5c..%5cpackage.json'],
    ['a sibling whose name begins alike', 'lobstah-app://pages/..%2frenderer-mock/mock.html'],
    ['the folder itself', 'lobstah-app://pages/assets%2f..'],
    ['a zero byte', 'lobstah-app://pages/index.html%00.png'],
    ['broken encoding', 'lobstah-app://pages/%E0%A4%A'],
    ['another host', 'lobstah-app://elsewhere/index.html'],
    ['another scheme', 'file:///etc/passwd'],
    ['no address', 'index.html'],
  ])('nothing for %s', (_why, address) => {
    expect(pageFile(address, FOLDER)).toBeUndefined();
  });
});
