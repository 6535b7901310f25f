import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';

/** What may be changed while it runs. */
export interface FakeIdleClawScript {
  /** sockets an address may open a minute; over it: HTTP 429 at the upgrade */
  socketsPerMinute: number;
  /** closes a node with 1008 and this reason instead of registering it */
  refuse: string | undefined;
  /** answers POST /api/chat with this status and body */
  chatStatus: { status: number; body: unknown; headers?: Record<string, string> } | undefined;
  /** writes these bytes as the answer, whoever is there */
  rawAnswer: string | undefined;
  /** false: as if the way to its nodes were dead */
  answersPings: boolean;
  /** asks each new node to answer a probe */
  probes: boolean;
}

export interface FakeNode {
  readonly nodeId: string;
  readonly models: readonly { name: string; size: number }[];
  readonly maxConcurrent: number;
  readonly version: string;
  readonly heartbeats: { active_requests: number; available: unknown }[];
  readonly headers: IncomingMessage['headers'];
  closed: { code: number; reason: string } | undefined;
  /** every frame as it came, in order */
  readonly frames: Record<string, unknown>[];
  send(frame: unknown): void;
  sendText(text: string): void;
  close(code: number, reason: string): void;
}

export interface FakeIdleClaw {
  readonly url: string;
  readonly script: FakeIdleClawScript;
  /** every node there ever was, the last one last */
  readonly nodes: readonly FakeNode[];
  /** those that are listed now */
  readonly listed: readonly FakeNode[];
  readonly chats: readonly unknown[];
  /** every path that was asked, by HTTP */
  readonly paths: readonly string[];
  readonly upgrades: number;
  /** dies like a killed process: sockets are cut */
  kill(): Promise<void>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

interface Waiting {
  readonly node: FakeNode;
  chunk(text: string, thinking: string): void;
  end(error?: string): void;
}

/**
 * A server that behaves as the existing Python one does, oddities included: it reads each frame once and strictly (what it does
 * not understand kills the socket), throws away the text of a chunk that says done, cancels after every chat, also a completed
 * one, writes SSE with CRLF, and tells errors as content inside a 200.
 */
export async function startFakeIdleClaw(script: Partial<FakeIdleClawScript> = {}, port = 0): Promise<FakeIdleClaw> {
  const settings: FakeIdleClawScript = {
    socketsPerMinute: 5,
    refuse: undefined,
    chatStatus: undefined,
    rawAnswer: undefined,
    answersPings: true,
    probes: false,
    ...script,
  };
  const nodes: FakeNode[] = [];
  const listed = new Map<string, FakeNode>();
  const waiting = new Map<string, Waiting>();
  const chats: unknown[] = [];
  const paths: string[] = [];
  let upgrades = 0;
  const startedMs = performance.now();

  const server = createServer((request, response) => {
    paths.push(request.url ?? '');
    void serve(request, response);
  });
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: true,
    autoPong: script.answersPings ?? true,
  });
  server.on('upgrade', (request, socket, head) => {
    upgrades += 1;
    if (request.url !== '/ws/node') return void socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n');
    if (upgrades > settings.socketsPerMinute)
      return void socket.end('HTTP/1.1 429 Too Many Requests\r\nretry-after: 7\r\nconnection: close\r\n\r\n');
    sockets.handleUpgrade(request, socket, head, (webSocket) => welcome(webSocket, request));
  });

  function welcome(socket: WebSocket, { headers }: IncomingMessage): void {
    let node: FakeNode | undefined;
    socket.on('message', (data) => {
      let frame: Record<string, unknown>;
      try {
        frame = JSON.parse((data as Buffer).toString('utf8')) as Record<string, unknown>;
      } catch {
        return socket.terminate(); // an exception nobody catches
      }
      if (node) read(node, frame);
      else node = register(socket, frame, headers);
    });
    socket.on('close', (code, reason) => {
      if (!node) return;
      node.closed = { code, reason: reason.toString('utf8') };
      // By id, whoever it belongs to by now: a node that came back under its old id is unlisted by its dying socket.
      listed.delete(node.nodeId);
      for (const [id, request] of waiting) if (request.node === node) fail(id, 'Node disconnected');
    });
  }

  function register(
    socket: WebSocket,
    frame: Record<string, unknown>,
    headers: IncomingMessage['headers'],
  ): FakeNode | undefined {
    const models = (frame['models'] ?? []) as FakeNode['models'];
    const refusal = settings.refuse ?? refusalOf(frame, models);
    if (refusal) {
      socket.close(1008, refusal);
      return undefined;
    }
    const node: FakeNode = {
      nodeId: String(frame['node_id']),
      models,
      maxConcurrent: Number(frame['max_concurrent']),
      version: String(frame['ollama_version']),
      heartbeats: [],
      headers,
      closed: undefined,
      frames: [frame],
      send: (sent) => socket.send(JSON.stringify(sent)),
      sendText: (text) => socket.send(text),
      close: (code, reason) => socket.close(code, reason),
    };
    nodes.push(node);
    listed.set(node.nodeId, node);
    node.send({ type: 'registered', node_id: node.nodeId });
    if (settings.probes) probe(node);
    return node;
  }

  function probe(node: FakeNode): void {
    const messages = [{ role: 'user', content: 'hi' }];
    const params = { model: node.models[0]?.name, messages, stream: true, keep_alive: -1, options: { num_predict: 1 } };
    node.send({ type: 'inference_request', request_id: `probe-${randomUUID()}`, ollama_params: params });
  }

  function read(node: FakeNode, frame: Record<string, unknown>): void {
    node.frames.push(frame);
    if (frame['type'] === 'heartbeat') node.heartbeats.push(frame as unknown as FakeNode['heartbeats'][number]);
    const request = waiting.get(String(frame['request_id']));
    if (!request) return;
    if (frame['type'] === 'inference_error') return request.end(String(frame['error']));
    if (frame['type'] !== 'inference_chunk') return;
    const chunk = frame['chunk'] as { message: { content: string; thinking?: string }; done: boolean };
    if (chunk.done)
      request.end(); // its text is thrown away
    else request.chunk(chunk.message.content, chunk.message.thinking ?? '');
  }

  function fail(requestId: string, error: string): void {
    waiting.get(requestId)?.end(error);
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await readAll(request);
    const json = (status: number, value: unknown, headers = {}) =>
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
    if (request.url === '/health')
      return void json(200, {
        status: 'healthy',
        uptime_seconds: (performance.now() - startedMs) / 1000,
        node_count: listed.size,
      });
    if (request.url === '/api/models') return void json(200, modelList([...listed.values()]));
    if (request.url !== '/api/chat' || request.method !== 'POST') return void json(404, { detail: 'Not Found' });
    const body = JSON.parse(text) as { model: string; messages: { role: string; content: string }[]; think?: boolean };
    chats.push(body);
    if (settings.chatStatus)
      return void json(settings.chatStatus.status, settings.chatStatus.body, settings.chatStatus.headers);
    if (body.messages.some(({ role }) => role !== 'user' && role !== 'assistant'))
      return void json(422, { detail: [{ loc: ['body', 'messages'], msg: 'Input should be user or assistant' }] });
    chat(body, response);
  }

  function chat(body: { model: string; messages: unknown; think?: boolean }, response: ServerResponse): void {
    const id = `chatcmpl-${randomUUID()}`;
    const event = (delta: object) =>
      response.write(
        `data: ${JSON.stringify({ id, object: 'chat.completion.chunk', model: body.model, choices: [{ delta, index: 0 }] })}\r\n\r\n`,
      );
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    if (settings.rawAnswer !== undefined) return void response.end(settings.rawAnswer);
    response.write(': ping - 2026-01-01 00:00:00+00:00\r\n\r\n');
    const node = [...listed.values()].find(({ models }) => models.some(({ name }) => name === body.model));
    if (!node) {
      event({ content: `\n\n[Error: No available nodes for model '${body.model}']` });
      return void response.end('data: [DONE]\r\n\r\n');
    }
    const requestId = randomUUID();
    waiting.set(requestId, {
      node,
      chunk(text, thinking) {
        if (thinking) event({ content: thinking, reasoning: true });
        if (text) event({ content: text });
      },
      end(error) {
        waiting.delete(requestId);
        if (error) event({ content: `\n\n[Error: ${error}]` });
        response.end('data: [DONE]\r\n\r\n');
        if (!node.closed) node.send({ type: 'cancel_request', request_id: requestId });
      },
    });
    response.on('close', () => {
      if (!waiting.delete(requestId)) return;
      node.send({ type: 'cancel_request', request_id: requestId });
    });
    const params = {
      model: body.model,
      messages: body.messages,
      stream: true,
      keep_alive: -1,
      think: body.think ?? false,
    };
    node.send({ type: 'inference_request', request_id: requestId, ollama_params: params });
  }

  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      for (const socket of sockets.clients) socket.terminate();
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    script: settings,
    nodes,
    get listed() {
      return [...listed.values()];
    },
    chats,
    paths,
    get upgrades() {
      return upgrades;
    },
    kill: close,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The existing server's words. */
function refusalOf(frame: Record<string, unknown>, models: FakeNode['models']): string | undefined {
  if (frame['type'] !== 'register') return 'expected register message';
  if (!/^[0-9a-f-]{36}$/.test(String(frame['node_id']))) return 'invalid node_id';
  if (models.length === 0) return 'no models provided';
  if (models.length > 20) return 'too many models';
  if (models.some(({ name }) => name.length > 64)) return 'invalid model name';
  return undefined;
}

function modelList(nodes: readonly FakeNode[]) {
  const models = nodes.flatMap((node) => node.models).sort((one, other) => other.size - one.size);
  const names = [...new Set(models.map(({ name }) => name))];
  return {
    models: names,
    capabilities: Object.fromEntries(names.map((name) => [name, { thinking: false, tool_calls: true }])),
  };
}

async function readAll(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}
