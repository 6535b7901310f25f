import { expect, it } from 'vitest';
import { createToolCallReader, toolCallPartSchema } from './openai-tool-calls.ts';

function read(...parts: object[]) {
  let ids = 0;
  const reader = createToolCallReader(() => `made_${(ids += 1)}`);
  return parts.flatMap((part) => reader.read([toolCallPartSchema.parse(part)]));
}

it('OpenAI, vLLM, llama.cpp: id and name first, arguments in parts, two calls', () => {
  expect(
    read(
      { index: 0, id: 'a', function: { name: 'weather', arguments: '' } },
      { index: 0, function: { arguments: '{"city":' } },
      { index: 0, function: { arguments: '"Oslo"}' } },
      { index: 1, id: 'b', function: { name: 'time', arguments: '{}' } },
    ),
  ).toEqual([
    { index: 0, id: 'a', name: 'weather', arguments: '' },
    { index: 0, arguments: '{"city":' },
    { index: 0, arguments: '"Oslo"}' },
    { index: 1, id: 'b', name: 'time', arguments: '{}' },
  ]);
});

it('a server that repeats id and name does not begin a new call', () => {
  expect(
    read(
      { index: 0, id: 'a', function: { name: 'f', arguments: '{' } },
      { index: 0, id: 'a', function: { name: 'f', arguments: '}' } },
    ),
  ).toEqual([
    { index: 0, id: 'a', name: 'f', arguments: '{' },
    { index: 0, arguments: '}' },
  ]);
});

it('calls without an index are told apart by their ids, calls without an id by their names', () => {
  expect(
    read(
      { id: 'a', function: { name: 'f', arguments: '{}' } },
      { id: 'b', function: { name: 'g', arguments: '{' } },
      { function: { arguments: '}' } },
      { function: { name: 'h', arguments: {} } },
    ),
  ).toEqual([
    { index: 0, id: 'a', name: 'f', arguments: '{}' },
    { index: 1, id: 'b', name: 'g', arguments: '{' },
    { index: 1, arguments: '}' },
    { index: 2, id: 'made_1', name: 'h', arguments: '{}' },
  ]);
});

it('parts without a name before them are no call', () => {
  expect(read({ index: 0, function: { arguments: 'x' } }, {})).toEqual([]);
});
