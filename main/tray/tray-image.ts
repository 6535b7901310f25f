import { nativeImage, type NativeImage } from 'electron';
import { join } from 'node:path';
import type { SharingState } from '../../app/contract/snapshot.ts';
import { trayImageFile } from './tray-image-file.ts';

export function trayImage(folder: string, state: SharingState): NativeImage {
  const image = nativeImage.createFromPath(join(folder, trayImageFile(state)));
  image.setTemplateImage(true);
  return image;
}
