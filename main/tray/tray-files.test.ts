import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { SharingState } from '../../app/contract/snapshot.ts';
import { trayImageFile } from './tray-image-file.ts';

const TRAY = join(import.meta.dirname, '../../resources/tray');
const STATES = ['off', 'ready', 'serving', 'paused', 'trouble'] as const satisfies readonly SharingState[];

/** Width and height of a PNG are the first two numbers of its first chunk. */
function pngSize(file: string): [width: number, height: number] {
  const png = readFileSync(join(TRAY, file));
  expect(png.subarray(1, 4).toString('latin1')).toBe('PNG');
  return [png.readUInt32BE(16), png.readUInt32BE(20)];
}

it('each meaning has a template image, and a sharper one beside it', () => {
  for (const state of STATES) {
    const file = trayImageFile(state);
    expect(file).toMatch(/Template\.png$/);
    expect(pngSize(file)).toEqual([18, 18]);
    expect(pngSize(file.replace('.png', '@2x.png'))).toEqual([36, 36]);
  }
});

it('no two meanings look the same', () => {
  const images = STATES.map((state) => readFileSync(join(TRAY, trayImageFile(state))).toString('base64'));
  expect(new Set(images).size).toBe(STATES.length);
});
