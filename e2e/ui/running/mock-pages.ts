import { join } from 'node:path';
import express from 'express';
import { listen, type RunningServer } from '../../../app/http/listen.ts';

/** The pages on their mock bridge, with a life of their own: for pictures and for measuring. Built with `--mode mock`. */
export async function serveMockPages(): Promise<RunningServer> {
  const app = express();
  app.use(express.static(join(import.meta.dirname, '../../../build/renderer-mock')));
  return listen(app, { host: '127.0.0.1', port: 0 });
}
