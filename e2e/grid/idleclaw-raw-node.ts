import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';

export interface Frame {
  readonly type: string;
  readonly request_id?: string;
  readonly node_id?: string;
  readonly message?: string;
  readonly ollama_params?: {
    readonly model: string;
    readonly messages: readonly { role: string; content: string; tool_name?: string; tool_calls?: unknown }[];
    readonly tools?: readonly unknown[];
    readonly think?: unknown;
    readonly stream?: boolean;
    readonly keep_alive?: unknown;
    readonly options?: Record<string, unknown>;
  };
}

export interface RawNodeOptions {
  readonly nodeId?: string;
  readonly models?: readonly { name: string; size: number }[];
  readonly maxConcurrent?: number;
  /** the source address: limits are per address */
  readonly from?: string;
  readonly headers?: Record<string, string>;
  readonly autoPong?: boolean;
}

/** What an IdleClaw node says on the wire, frame by frame, and nothing by itself: a test says everything. */
export class RawNode {
  readonly nodeId: string;
  readonly frames: Frame[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  private readonly socket: WebSocket;
  private taken = 0;
  private wake: () => void = () => undefined;

  private constructor(socket: WebSocket, nodeId: string) {
    this.socket = socket;
    this.nodeId = nodeId;
    socket.on('message', (bytes: Buffer) => {
      this.frames.push(JSON.parse(bytes.toString('utf8')) as Frame);
      this.wake();
    });
    this.closed = new Promise((resolve) => {
      socket.once('close', (code, reason) => {
        resolve({ code, reason: reason.toString('utf8') });
        this.wake();
      });
    });
  }

  /** Opens the socket and says nothing yet. */
  static async open(hubUrl: string, options: RawNodeOptions = {}): Promise<RawNode> {
    const socket = new WebSocket(`${hubUrl.replace(/^http/, 'ws')}/ws/node`, {
      localAddress: options.from,
      headers: options.headers,
      autoPong: options.autoPong ?? true,
    });
    const node = new RawNode(socket, options.nodeId ?? randomUUID());
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('unexpected-response', (_request, response) => {
        reject(
          Object.assign(new Error(`HTTP ${response.statusCode}`), {
            status: response.statusCode,
            headers: response.headers,
          }),
        );
      });
      socket.on('error', reject);
    });
    return node;
  }

  static async register(hubUrl: string, options: RawNodeOptions = {}): Promise<RawNode> {
    const node = await RawNode.open(hubUrl, options);
    node.sayHello(options);
    await node.next('registered');
    return node;
  }

  sayHello({ models = [{ name: 'm', size: 1 }], maxConcurrent = 10 }: RawNodeOptions = {}): void {
    this.send({
      type: 'register',
      node_id: this.nodeId,
      models,
      max_concurrent: maxConcurrent,
      ollama_version: '0.17.4',
    });
  }

  send(frame: object | string): void {
    this.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  sendBinary(bytes: Buffer): void {
    this.socket.send(bytes);
  }

  chunk(requestId: string, message: object, rest: object = { done: false }): void {
    this.send({
      type: 'inference_chunk',
      request_id: requestId,
      chunk: { message: { role: 'assistant', ...message }, ...rest },
    });
  }

  end(requestId: string, doneReason = 'stop'): void {
    this.chunk(requestId, { content: '' }, { done: true, done_reason: doneReason });
  }

  fail(requestId: string, error: string): void {
    this.send({ type: 'inference_error', request_id: requestId, error });
  }

  /** `available` as the number of places that are free */
  heartbeat(over: object = {}): void {
    this.send({ type: 'heartbeat', node_id: this.nodeId, active_requests: 0, available: 10, ...over });
  }

  /** The next frame that was not taken yet; fails when it is of another type or the socket closes. */
  async next(type: string): Promise<Frame> {
    const deadline = Date.now() + 10_000;
    while (this.taken >= this.frames.length) {
      if (this.socket.readyState >= WebSocket.CLOSING) throw new Error(`closed while waiting for ${type}`);
      if (Date.now() > deadline) throw new Error(`no ${type} within ten seconds`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 100);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    const frame = this.frames[this.taken++] as Frame;
    if (frame.type !== type) throw new Error(`expected ${type}, got ${JSON.stringify(frame).slice(0, 300)}`);
    return frame;
  }

  /** @returns the id of the request that is asked next, and what is asked */
  async nextRequest(): Promise<{ id: string; params: NonNullable<Frame['ollama_params']> }> {
    const { request_id: id, ollama_params: params } = await this.next('inference_request');
    if (id === undefined || params === undefined) throw new Error('a request without id or params');
    return { id, params };
  }

  /** Frames that arrived and were not taken. */
  get untaken(): readonly Frame[] {
    return this.frames.slice(this.taken);
  }

  /** A frame sent after this one was seen by the hub: everything before was, too. */
  async roundTrip(): Promise<void> {
    const ponged = new Promise<void>((resolve) => this.socket.once('pong', () => resolve()));
    this.socket.ping();
    await Promise.race([ponged, this.closed.then(() => Promise.reject(new Error('closed')))]);
  }

  get isOpen(): boolean {
    return this.socket.readyState === WebSocket.OPEN;
  }

  close(): void {
    this.socket.close();
  }

  /** As if the machine had lost its power: no goodbye. */
  kill(): void {
    this.socket.terminate();
  }
}
