import { connect, type Socket } from 'node:net';

/** A client on a bare socket: it may leave, stop reading, or send what no HTTP client would. */
export interface RawClient {
  readonly socket: Socket;
  received(): string;
  readonly closed: Promise<void>;
}

export async function rawClient(url: string): Promise<RawClient> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  let text = '';
  socket.setEncoding('utf8').on('data', (part: string) => (text += part));
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return { socket, received: () => text, closed };
}

/** A chat request as bytes. */
export function rawChat(body: object = {}): string {
  const json = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hello' }], ...body });
  return `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(json)}\r\n\r\n${json}`;
}
