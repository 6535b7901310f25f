import type { EngineChat } from '../engine.ts';

/** A request that the sample model, which likes to be brief, answers with 1,900 tokens: lists that a grammar keeps open. */
export function longAnswer(): EngineChat {
  const list = { type: 'array', items: { type: 'integer' }, minItems: 30 };
  const schema = { type: 'array', items: list, minItems: 30 };
  return {
    request: {
      model: 'lobstah-sample',
      messages: [{ role: 'user', content: 'count' }],
      response_format: { type: 'json_schema', json_schema: { name: 'list', schema } },
    },
    maxOutputTokens: 1900,
  };
}
