import { isAbsolute, join, normalize, relative } from 'node:path';

export const PAGE_SCHEME = 'lobstah-app';
/** The only host of the scheme: an origin needs one. */
export const PAGE_HOST = 'pages';
export const PAGE_ORIGIN = `${PAGE_SCHEME}://${PAGE_HOST}`;

/** @returns the file that the address names, or undefined when it is not one of the pages: never anything outside the folder */
export function pageFile(address: string, folder: string): string | undefined {
  let path: string;
  try {
    const url = new URL(address);
    if (url.protocol !== `${PAGE_SCHEME}:` || url.host !== PAGE_HOST) return undefined;
    path = decodeURIComponent(url.pathname);
  } catch {
    return undefined;
  }
  if (path.includes('\0') || path.includes('\\')) return undefined;
  const file = normalize(join(folder, path === '/' ? 'index.html' : path));
  const inside = relative(folder, file);
  return inside === '' || inside.startsWith('..') || isAbsolute(inside) ? undefined : file;
}
