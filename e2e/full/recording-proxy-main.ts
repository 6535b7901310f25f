import { createConnection, createServer } from 'node:net';

/** `node recording-proxy-main.ts FROM TO`: passes TCP on and keeps what comes back; told 'sent', it says all of it in base64. */
const [from, to] = process.argv.slice(2).map(Number);
const sent: Buffer[] = [];
const server = createServer((client) => {
  const relay = createConnection({ port: to ?? 0, host: '127.0.0.1' });
  client.pipe(relay).pipe(client);
  relay.on('data', (bytes) => sent.push(bytes));
  client.on('error', () => relay.destroy());
  relay.on('error', () => client.destroy());
});
server.listen(from, '0.0.0.0', () => process.send?.('listening'));
process.on('message', (message) => {
  if (message === 'sent') process.send?.(Buffer.concat(sent).toString('base64'));
});
