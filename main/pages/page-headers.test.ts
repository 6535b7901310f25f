import { expect, it } from 'vitest';
import { CONTENT_SECURITY_POLICY, pageHeaders } from './page-headers.ts';

const directives = new Map(
  CONTENT_SECURITY_POLICY.split('; ').map((line) => {
    const [name = '', ...sources] = line.split(' ');
    return [name, sources] as const;
  }),
);

it('nothing is allowed that is not named, and no network at all', () => {
  expect(directives.get('default-src')).toEqual(["'none'"]);
  expect(directives.get('connect-src')).toEqual(["'none'"]);
  expect(directives.get('frame-ancestors')).toEqual(["'none'"]);
});

it('no directive opens inline code, eval, other hosts or everything', () => {
  for (const sources of directives.values())
    for (const source of sources) expect(["'none'", "'self'", 'data:']).toContain(source);
  expect(directives.get('script-src')).toEqual(["'self'"]);
  expect(directives.get('style-src')).toEqual(["'self'"]);
});

it('each file of the pages has its type, and unknown kinds are not served', () => {
  expect(pageHeaders('/pages/index.html')?.['content-type']).toBe('text/html; charset=utf-8');
  expect(pageHeaders('/pages/assets/a.b.js')?.['x-content-type-options']).toBe('nosniff');
  expect(pageHeaders('/pages/secrets.json')).toBeUndefined();
  expect(pageHeaders('/pages/constructor')).toBeUndefined();
});
