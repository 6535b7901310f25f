'use strict';
/**
 * The app inside an Electron distribution that opens the app it is given: `electron [-r module]… <folder or file> [args]`.
 * Electron's own is not in the test distribution. Playwright starts Electron with `-r <its loader>`.
 */
const { app } = require('electron');
const { existsSync, readFileSync, statSync } = require('node:fs');
const Module = require('node:module');
const { dirname, join, resolve } = require('node:path');
const { pathToFileURL } = require('node:url');

const preloads = [];
let target;
const args = process.argv.slice(1);
while (args.length > 0 && target === undefined) {
  const arg = args.shift();
  if (arg === '-r' || arg === '--require') preloads.push(args.shift());
  else if (arg === '-v' || arg === '--version') {
    console.log(`v${process.versions.electron}`);
    process.exit(0);
  } else if (!arg.startsWith('-')) target = resolve(arg);
}
if (target === undefined) {
  console.error('Which app? Usage: electron <folder or file>');
  process.exit(1);
}

let folder = target;
let entry = target;
if (statSync(target).isDirectory()) {
  const manifest = existsSync(join(target, 'package.json'))
    ? JSON.parse(readFileSync(join(target, 'package.json'), 'utf8'))
    : {};
  if (manifest.version) app.setVersion(manifest.version);
  if (manifest.productName ?? manifest.name) app.setName(manifest.productName ?? manifest.name);
  entry = join(target, manifest.main ?? 'index.js');
} else folder = dirname(target);
app.setAppPath(folder);

if (preloads.length > 0) Module._preloadModules(preloads);
import(pathToFileURL(entry).href).catch((error) => {
  console.error(error);
  process.exit(1);
});
