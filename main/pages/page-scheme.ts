import { protocol } from 'electron';
import { readFile } from 'node:fs/promises';
import { pageHeaders } from './page-headers.ts';
import { PAGE_SCHEME, pageFile } from './page-path.ts';

/** Before the app is ready. `standard` gives the pages an origin of their own, `secure` what only secure pages may do. */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: PAGE_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: false, corsEnabled: false } },
  ]);
}

export function servePages(folder: string): void {
  protocol.handle(PAGE_SCHEME, async ({ method, url }) => {
    const file = pageFile(url, folder);
    const headers = file && pageHeaders(file);
    if (!file || !headers || method !== 'GET') return new Response(null, { status: 404 });
    try {
      return new Response(new Uint8Array(await readFile(file)), { headers });
    } catch {
      // Not there is not there, for whatever reason.
      return new Response(null, { status: 404 });
    }
  });
}
