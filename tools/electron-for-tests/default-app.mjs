/**
 * The app inside an Electron distribution that opens the app it is given: `electron [-r module]… <folder or file> [args]`.
 * Electron's own is not in the test distribution. It is a module that awaits the app, because Electron is not "ready" before
 * its main module has ended: what an app has to do before that, such as registering a scheme, would come too late otherwise.
 * Playwright starts Electron with `-r <its loader>`.
 */
import { app } from 'electron';
import { existsSync, readFileSync, statSync } from 'node:fs';
import Module from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const preloads = [];
let target;
const args = process.argv.slice(1);
while (args.length > 0 && target === undefined) {
  const arg = args.shift();
  if (arg === '-r' || arg === '--require') preloads.push(args.shift());
  else if (!arg.startsWith('-')) target = resolve(arg);
}
if (target === undefined) {
  process.stderr.write('Which app? Usage: electron <folder or file>\n');
  process.exit(1);
}

let folder = dirname(target);
let entry = target;
if (statSync(target).isDirectory()) {
  const manifestFile = join(target, 'package.json');
  const manifest = existsSync(manifestFile) ? JSON.parse(readFileSync(manifestFile, 'utf8')) : {};
  if (manifest.version) app.setVersion(manifest.version);
  if (manifest.productName ?? manifest.name) app.setName(manifest.productName ?? manifest.name);
  folder = target;
  entry = join(target, manifest.main ?? 'index.js');
}
app.setAppPath(folder);

if (preloads.length > 0) Module._preloadModules(preloads);
await import(pathToFileURL(entry).href).catch((error) => {
  process.stderr.write(`${error?.stack ?? error}\n`);
  process.exit(1);
});
