import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Resvg } from '@resvg/resvg-js';
import { appIconArt, markArt, trayArt, TRAY_STATES } from './icon-art.ts';
import { icns } from './icns.ts';

/** npm run icons: draws every image of the app anew, from tools/icon-art.ts. The results are committed. */
const ROOT = join(import.meta.dirname, '..');
const RESOURCES = join(ROOT, 'resources');
/** Points of a menu bar icon. */
const TRAY_SIZE = 18;

const png = (svg: string, pixels: number): Buffer =>
  new Resvg(svg, { fitTo: { mode: 'width', value: pixels } }).render().asPng();

mkdirSync(join(RESOURCES, 'tray'), { recursive: true });
for (const state of TRAY_STATES) {
  writeFileSync(join(RESOURCES, 'tray', `${state}Template.png`), png(trayArt(state), TRAY_SIZE));
  writeFileSync(join(RESOURCES, 'tray', `${state}Template@2x.png`), png(trayArt(state), 2 * TRAY_SIZE));
}
const appIcon = appIconArt();
writeFileSync(join(RESOURCES, 'icon.png'), png(appIcon, 1024));
writeFileSync(
  join(RESOURCES, 'icon.icns'),
  icns((pixels) => png(appIcon, pixels)),
);
writeFileSync(join(ROOT, 'renderer/ui/mark.svg'), `${markArt()}\n`);
