import { describe, expect, it } from 'vitest';
import { parseChatRequest } from '../protocol/chat.ts';
import { toOllamaChat } from './ollama-translate.ts';

const limits = { maxOutputTokens: 100, contextTokens: 4096 };
const traits = { capabilities: ['completion', 'tools', 'thinking', 'vision'], contextLength: 8192, family: 'llama' };
const tool = {
  type: 'function',
  function: { name: 'weather', description: 'd', parameters: { type: 'object', properties: {} } },
};

function translate(body: Record<string, unknown>, of = traits) {
  return toOllamaChat(
    parseChatRequest({ model: 'm', messages: [{ role: 'user', content: 'hi' }], ...body }),
    limits,
    of,
  );
}
const messagesOf = (...messages: unknown[]) => translate({ messages }).messages;

describe('messages', () => {
  it('turns parts into text, developer into system, null into nothing', () => {
    expect(
      messagesOf(
        { role: 'developer', content: 'be brief' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'a' },
            { type: 'text', text: 'b' },
          ],
        },
        { role: 'assistant', content: null },
        { role: 'assistant' },
      ),
    ).toEqual([
      { role: 'system', content: 'be brief' },
      { role: 'user', content: 'a\nb' },
      { role: 'assistant', content: '' },
      { role: 'assistant', content: '' },
    ]);
  });

  it('carries images that are inside the request', () => {
    const content = [
      { type: 'text', text: 'what is this?' },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } },
    ];
    expect(messagesOf({ role: 'user', content })).toEqual([
      { role: 'user', content: 'what is this?', images: ['iVBORw0KGgo='] },
    ]);
  });

  it.each([
    { type: 'image_url', image_url: { url: 'http://169.254.169.254/secret' } },
    { type: 'image_url', image_url: { url: 'data:text/plain;base64,AAAA' } },
    { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } },
  ])('refuses $type it would have to fetch or cannot read', (part) => {
    expect(() => messagesOf({ role: 'user', content: [part] })).toThrow(
      expect.objectContaining({ code: 'engine_refused' }),
    );
  });

  it('turns tool calls and their results round', () => {
    const call = (id: string, text: string) => ({
      id,
      type: 'function',
      function: { name: `f-${id}`, arguments: text },
    });
    expect(
      messagesOf(
        {
          role: 'assistant',
          content: null,
          tool_calls: [call('1', '{"city":"Oslo"}'), call('2', ''), call('3', '{"broken'), call('4', '[1]')],
        },
        { role: 'tool', tool_call_id: '1', content: 'rain' },
        { role: 'tool', tool_call_id: 'unknown', content: 'x' },
      ),
    ).toEqual([
      {
        role: 'assistant',
        content: '',
        tool_calls: [
          { id: '1', function: { name: 'f-1', arguments: { city: 'Oslo' } } },
          { id: '2', function: { name: 'f-2', arguments: {} } },
          { id: '3', function: { name: 'f-3', arguments: { unparsed: '{"broken' } } },
          { id: '4', function: { name: 'f-4', arguments: { unparsed: '[1]' } } },
        ],
      },
      { role: 'tool', content: 'rain', tool_name: 'f-1' },
      { role: 'tool', content: 'x' },
    ]);
  });
});

describe('parameters', () => {
  it('always forbids silent cutting and sets context and cap', () => {
    expect(translate({})).toEqual({
      model: 'm',
      messages: [{ role: 'user', content: 'hi' }],
      stream: true,
      truncate: false,
      shift: false,
      options: { num_ctx: 4096, num_predict: 100 },
    });
  });

  it('passes sampling on, a zero too', () => {
    const { options } = translate({
      temperature: 0,
      top_p: 0.5,
      seed: 0,
      stop: 'END',
      presence_penalty: 1,
      max_tokens: 5,
    });
    expect(options).toEqual({
      num_ctx: 4096,
      num_predict: 100,
      temperature: 0,
      top_p: 0.5,
      seed: 0,
      stop: ['END'],
      presence_penalty: 1,
    });
    expect(translate({ stop: ['a', 'b'] }).options['stop']).toEqual(['a', 'b']);
  });

  it('offers tools unless told not to, and refuses to force one', () => {
    expect(translate({ tools: [tool], tool_choice: 'auto' }).tools).toEqual([tool]);
    expect(translate({ tools: [tool] }).tools).toEqual([tool]);
    expect(translate({ tools: [tool], tool_choice: 'none' })).not.toHaveProperty('tools');
    expect(translate({ tools: [] })).not.toHaveProperty('tools');
    expect(() => translate({ tools: [tool], tool_choice: 'required' })).toThrow(
      expect.objectContaining({ code: 'engine_refused' }),
    );
  });

  it('knows the response formats', () => {
    const schema = { type: 'object', properties: { ok: { type: 'boolean' } } };
    expect(translate({ response_format: { type: 'text' } })).not.toHaveProperty('format');
    expect(translate({ response_format: { type: 'json_object' } }).format).toBe('json');
    expect(translate({ response_format: { type: 'json_schema', json_schema: { name: 'n', schema } } }).format).toEqual(
      schema,
    );
    for (const type of ['json_schema', 'yaml'])
      expect(() => translate({ response_format: { type } })).toThrow(
        expect.objectContaining({ code: 'engine_refused' }),
      );
  });

  it.each([
    ['none', 'llama', false],
    ['low', 'llama', true],
    ['high', 'qwen3', true],
    ['none', 'gptoss', 'low'],
    ['medium', 'gptoss', 'medium'],
    ['high', 'gptoss', 'high'],
  ])('effort %s of family %s → think %s', (effort, family, think) => {
    expect(translate({ reasoning_effort: effort }, { ...traits, family }).think).toBe(think);
  });

  it('says nothing about thinking to models that cannot, or when nobody asked', () => {
    expect(translate({ reasoning_effort: 'high' }, { ...traits, capabilities: ['completion'] })).not.toHaveProperty(
      'think',
    );
    expect(translate({})).not.toHaveProperty('think');
  });
});
