/** A request as openclaw 2026.9.6 sends it: 40,000 characters of system prompt, array content, twelve tools, a replayed tool call. */
export function openclawBody(model: string): object {
  return {
    model,
    stream: true,
    stream_options: { include_usage: true },
    max_completion_tokens: 8192,
    tool_choice: 'auto',
    tools: Array.from({ length: 12 }, (_, index) => ({
      type: 'function',
      function: {
        name: `tool_${index}`,
        description: 'does things',
        parameters: { type: 'object', properties: { a: { type: 'string' } } },
      },
    })),
    messages: [
      { role: 'system', content: 'You are an agent. '.repeat(2300) },
      { role: 'user', content: 'earlier' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'c1', type: 'function', function: { name: 'tool_0', arguments: '{"a":"b"}' } }],
      },
      { role: 'tool', tool_call_id: 'c1', content: 'result' },
      { role: 'user', content: [{ type: 'text', text: 'hello' }] },
    ],
  };
}
