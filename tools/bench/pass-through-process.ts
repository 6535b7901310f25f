import { pipeline } from 'node:stream/promises';
import express from 'express';
import { Agent, request as httpRequest } from 'undici';
import { answerUsage } from './measured-process.ts';

/** The yardstick: the least that express 5 and undici need to hand a request on and an answer back. It checks nothing. */
const engineUrl = process.argv[2] ?? '';
const dispatcher = new Agent({ connections: null });
const app = express();
app.disable('x-powered-by');
app.disable('etag');
app.post('/v1/chat/completions', express.raw({ type: () => true, limit: '32mb' }), async (request, response) => {
  const answer = await httpRequest(`${engineUrl}/v1/chat/completions`, {
    method: 'POST',
    dispatcher,
    headersTimeout: 0,
    bodyTimeout: 0,
    headers: { 'content-type': 'application/json' },
    body: request.body as Buffer,
  });
  response.writeHead(answer.statusCode, { 'content-type': String(answer.headers['content-type']) });
  await pipeline(answer.body, response);
});
answerUsage();
const server = app.listen(0, '127.0.0.1', 2048, () => {
  const { port } = server.address() as { port: number };
  process.send?.({ url: `http://127.0.0.1:${port}` });
});
