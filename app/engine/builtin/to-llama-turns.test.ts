import { expect, it } from 'vitest';
import { parseChatRequest } from '../../protocol/chat.ts';
import { forcedCallSchema, toHistory, withSystemText } from './llama-history.ts';
import { toLlamaTurns } from './to-llama-turns.ts';

const call = (id: string, args: string) => ({ id, type: 'function', function: { name: `f-${id}`, arguments: args } });
const talk = parseChatRequest({
  model: 'm',
  messages: [
    { role: 'developer', content: 'be brief' },
    { role: 'user', content: 'weather?' },
    { role: 'assistant', content: null, tool_calls: [call('1', '{"city":"Oslo"}'), call('2', '{"broken')] },
    { role: 'tool', tool_call_id: '1', content: 'rain' },
    { role: 'tool', tool_call_id: '2', content: 'error' },
    { role: 'assistant', content: 'It rains.' },
    { role: 'user', content: 'thanks' },
  ],
}).messages;

it('calls and their results belong to the turn that made them', () => {
  const turns = toLlamaTurns(talk, true);
  expect(turns).toEqual([
    { role: 'system', text: 'be brief' },
    { role: 'user', text: 'weather?' },
    {
      role: 'assistant',
      text: 'It rains.',
      calls: [
        { name: 'f-1', params: { city: 'Oslo' }, result: 'rain' },
        { name: 'f-2', params: { unparsed: '{"broken' }, result: 'error' },
      ],
    },
    { role: 'user', text: 'thanks' },
  ]);
  expect(toHistory(turns)[2]).toMatchObject({
    type: 'model',
    response: [
      { type: 'functionCall', name: 'f-1', startsNewChunk: true },
      { name: 'f-2', startsNewChunk: false },
      'It rains.',
    ],
  });
});

it('after the results, the same turn goes on', () => {
  const history = toHistory(toLlamaTurns(talk.slice(0, 5), true));
  expect(history.at(-1)).toMatchObject({ type: 'model', response: [{ result: 'rain' }, { result: 'error' }] });
});

it('a model without tools reads results as words', () => {
  expect(toLlamaTurns(talk, false).slice(2)).toEqual([
    { role: 'user', text: 'Tool result: rain' },
    { role: 'user', text: 'Tool result: error' },
    { role: 'assistant', text: 'It rains.' },
    { role: 'user', text: 'thanks' },
  ]);
});

it('definitions of two tools by one name do not get mixed up', () => {
  const params = (type: string) => ({
    type: 'object',
    properties: { x: { $ref: '#/$defs/d' } },
    $defs: { d: { type } },
  });
  const tools = [
    { name: 'a', params: params('string') },
    { name: 'b', params: params('number') },
  ];
  expect(forcedCallSchema(tools)).toMatchObject({
    oneOf: [
      { properties: { arguments: { properties: { x: { $ref: '#/$defs/t0_d' } } } } },
      { properties: { arguments: { properties: { x: { $ref: '#/$defs/t1_d' } } } } },
    ],
    $defs: { t0_d: { type: 'string' }, t1_d: { type: 'number' } },
  });
});

it('instructions join the system text there is', () => {
  expect(withSystemText([{ role: 'user', text: 'hi' }], 'x')).toEqual([
    { role: 'system', text: 'x' },
    { role: 'user', text: 'hi' },
  ]);
  expect(withSystemText([{ role: 'system', text: 'be brief' }], 'x')).toEqual([
    { role: 'system', text: 'be brief\n\nx' },
  ]);
});
