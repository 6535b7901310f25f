import { open } from 'node:fs/promises';
import type { Capability } from '../../protocol/capacity.ts';

/** What the head of a model file says about it. */
export interface GgufHeader {
  readonly contextLength?: number;
  readonly parameterSize?: string;
  readonly quantization?: string;
  /** what its chat template has a place for */
  readonly capabilities: readonly Capability[];
}

/** The chat template stands behind the vocabulary, which is up to ten megabytes. */
const HEAD_BYTES = 24 * 1024 * 1024;
/** Sizes in bytes of the plain value types, by their number in the format (ggml docs/gguf.md). */
const PLAIN_SIZES = new Map([
  [0, 1],
  [1, 1],
  [2, 2],
  [3, 2],
  [4, 4],
  [5, 4],
  [6, 4],
  [7, 1],
  [10, 8],
  [11, 8],
  [12, 8],
]);
const UINT32 = 4;
const STRING = 8;
const ARRAY = 9;
/** `general.file_type` (llama.cpp, enum llama_ftype), the ones in use. */
const FILE_TYPES = new Map([
  [0, 'F32'],
  [1, 'F16'],
  [2, 'Q4_0'],
  [3, 'Q4_1'],
  [7, 'Q8_0'],
  [8, 'Q5_0'],
  [9, 'Q5_1'],
  [10, 'Q2_K'],
  [12, 'Q3_K_M'],
  [14, 'Q4_K_S'],
  [15, 'Q4_K_M'],
  [16, 'Q5_K_S'],
  [17, 'Q5_K_M'],
  [18, 'Q6_K'],
  [32, 'BF16'],
]);

/** Reads the first 24 MB. A file that is no GGUF, or says nothing there, gives an empty header. */
export async function readGgufHeader(file: string): Promise<GgufHeader> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, HEAD_BYTES);
    const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(length), 0, length, 0);
    return parseGgufHeader(buffer.subarray(0, bytesRead));
  } finally {
    await handle.close();
  }
}

export function parseGgufHeader(head: Buffer): GgufHeader {
  const values = new Map<string, string | number>();
  try {
    if (head.toString('latin1', 0, 4) === 'GGUF' && head.readUInt32LE(4) >= 2) readValues(head, values);
  } catch (error) {
    // The head ends in the middle of the vocabulary; what came before it counts.
    if (!(error instanceof RangeError)) throw error;
  }
  const contextLength = values.get(`${values.get('general.architecture')}.context_length`);
  const parameterSize = values.get('general.size_label');
  const quantization = FILE_TYPES.get(Number(values.get('general.file_type') ?? -1));
  return {
    ...(typeof contextLength === 'number' ? { contextLength } : {}),
    ...(typeof parameterSize === 'string' ? { parameterSize } : {}),
    ...(quantization ? { quantization } : {}),
    capabilities: capabilitiesOf(String(values.get('tokenizer.chat_template') ?? '')),
  };
}

function capabilitiesOf(template: string): Capability[] {
  return [
    ...(/\btools\b/.test(template) ? (['tools'] as const) : []),
    ...(/<think>|\benable_thinking\b/.test(template) ? (['thinking'] as const) : []),
  ];
}

function readValues(head: Buffer, values: Map<string, string | number>): void {
  let at = 16;
  const count = () => Number(head.readBigUInt64LE((at += 8) - 8));
  const text = () => {
    const length = count();
    if (at + length > head.length) throw new RangeError('beyond the head');
    return head.toString('utf8', at, (at += length));
  };
  const skip = (type: number, times: number) => {
    const size = PLAIN_SIZES.get(type);
    if (size === undefined && type !== STRING) throw new RangeError(`unknown type ${type}`);
    if (size !== undefined) at += size * times;
    // Not read: a vocabulary has a quarter of a million of them.
    else
      for (let index = 0; index < times; index += 1) {
        const length = count();
        at += length;
        if (at > head.length) throw new RangeError('beyond the head');
      }
  };
  const total = count();
  for (let index = 0; index < total; index += 1) {
    const key = text();
    const type = head.readUInt32LE(at);
    at += 4;
    if (type === STRING) values.set(key, text());
    else if (type === ARRAY) {
      const itemType = head.readUInt32LE(at);
      at += 4;
      skip(itemType, count());
    } else {
      if (type === UINT32) values.set(key, head.readUInt32LE(at));
      skip(type, 1);
    }
  }
}
