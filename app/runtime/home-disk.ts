import type { PeersDisk } from '../peers/peers-file.ts';
import { exclusively } from './exclusively.ts';
import { writePrivateFile } from './write-file.ts';

/** How files of the home folder are changed. */
export const homeDisk: PeersDisk = { write: writePrivateFile, exclusively };
