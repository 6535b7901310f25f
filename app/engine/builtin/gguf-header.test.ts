import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseGgufHeader, readGgufHeader } from './gguf-header.ts';

const u32 = (value: number) => Buffer.from(Uint32Array.of(value).buffer);
const u64 = (value: number) => Buffer.from(BigUint64Array.of(BigInt(value)).buffer);
const text = (value: string) => Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);
const head = (...values: Buffer[]) =>
  Buffer.concat([Buffer.from('GGUF'), u32(3), u64(0), u64(values.length), ...values]);
const stringValue = (key: string, value: string) => Buffer.concat([text(key), u32(8), text(value)]);
const numberValue = (key: string, value: number) => Buffer.concat([text(key), u32(4), u32(value)]);
const stringArray = (key: string, count: number) =>
  Buffer.concat([text(key), u32(9), u32(8), u64(count), ...Array.from({ length: count }, () => text('token'))]);

describe('the head of a GGUF file', () => {
  it('of the sample model', async () => {
    const file = fileURLToPath(new URL('../../../resources/models/lobstah-sample.gguf', import.meta.url));
    expect(await readGgufHeader(file)).toEqual({ contextLength: 2048, quantization: 'F16', capabilities: [] });
  });

  it('finds what it looks for behind other values, and stops where the head ends', () => {
    const values = [
      stringValue('general.architecture', 'qwen3'),
      stringArray('general.tags', 3),
      stringValue('general.size_label', '0.6B'),
      numberValue('general.file_type', 7),
      numberValue('qwen3.context_length', 40_960),
      stringArray('tokenizer.ggml.tokens', 1000),
    ];
    const whole = head(...values);
    const expected = { contextLength: 40_960, parameterSize: '0.6B', quantization: 'Q8_0', capabilities: [] };
    expect(parseGgufHeader(whole)).toEqual(expected);
    expect(parseGgufHeader(whole.subarray(0, whole.length - 500))).toEqual(expected);
  });

  it('knows by its chat template what a model was made for, behind a whole vocabulary', () => {
    const withTemplate = (template: string) =>
      parseGgufHeader(
        head(stringArray('tokenizer.ggml.tokens', 1000), stringValue('tokenizer.chat_template', template)),
      );
    expect(withTemplate('{%- if tools %}…<think>')).toEqual({ capabilities: ['tools', 'thinking'] });
    expect(withTemplate('{% for m in messages %}')).toEqual({ capabilities: [] });
  });

  it('a head that lies about a length does not hang or throw', () => {
    const lying = head(Buffer.concat([text('x'), u32(9), u32(8), u64(2 ** 50), Buffer.alloc(8, 255)]));
    expect(parseGgufHeader(lying)).toEqual({ capabilities: [] });
  });

  it('another file says nothing', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lobstah-gguf-'));
    await writeFile(join(folder, 'x.gguf'), 'hello');
    expect(await readGgufHeader(join(folder, 'x.gguf'))).toEqual({ capabilities: [] });
    await rm(folder, { recursive: true });
  });
});
