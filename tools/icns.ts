/** Types of Apple's icon file for PNGs of that many pixels (1x and, for half the size, 2x). */
const TYPES: readonly (readonly [type: string, pixels: number])[] = [
  ['ic11', 32],
  ['ic12', 64],
  ['ic07', 128],
  ['ic13', 256],
  ['ic08', 256],
  ['ic14', 512],
  ['ic09', 512],
  ['ic10', 1024],
];

/** An icon file of a Mac app: 'icns', the length of all, then each image with its type and length (big-endian). */
export function icns(png: (pixels: number) => Buffer): Buffer {
  const parts = TYPES.map(([type, pixels]) => chunk(type, png(pixels)));
  return chunk('icns', Buffer.concat(parts));
}

function chunk(type: string, content: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.write(type, 'latin1');
  head.writeUInt32BE(content.length + head.length, 4);
  return Buffer.concat([head, content]);
}
