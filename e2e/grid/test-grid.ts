import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createScriptedEngine, type Script, type ScriptedEngine } from '../../app/engine/testing/scripted-engine.ts';
import type { Ledger } from '../../app/ledger/ledger.ts';
import { openLedger } from '../../app/ledger/open-ledger.ts';
import { createSigner, type Signer } from '../../app/protocol/ed25519.ts';
import { startGrid, type Grid } from '../../app/runtime/grid.ts';
import type { GridOverrides } from '../../app/runtime/grid-config.ts';
import { findHome, openHome } from '../../app/runtime/home.ts';
import { openIdentityFile } from '../../app/runtime/identity-file.ts';
import type { EngineLimits } from '../../app/worker/engine-limits.ts';
import { createHome } from './lobstah-process.ts';

export interface TestGrid extends AsyncDisposable {
  readonly grid: Grid;
  readonly home: string;
  readonly signer: Signer;
  readonly engine: ScriptedEngine;
  /** a second view of the same books, as the command line has it */
  readonly books: Ledger;
  /** the base URL of the router's OpenAI API */
  readonly api: string;
}

export interface TestGridOptions {
  readonly roles: 'worker' | 'router' | 'both';
  readonly script?: Script;
  readonly peers?: readonly { pubkey: string; url: string; label?: string }[];
  readonly settings?: object;
  readonly engineLimits?: EngineLimits;
  readonly env?: Readonly<Record<string, string>>;
  /** default: always */
  readonly sharing?: 'always' | 'switch';
  readonly overrides?: GridOverrides;
}

/** A whole Lobstah in this process: real HTTP, real ledger on disk, an engine that says what it is told to. */
export async function startTestGrid(options: TestGridOptions): Promise<TestGrid> {
  const folder = createHome();
  const home = findHome({ LOBSTAH_HOME: folder });
  openHome(home);
  if (options.peers) writeFileSync(home.peersFile, JSON.stringify(options.peers));
  if (options.settings) writeFileSync(join(folder, 'settings.json'), JSON.stringify(options.settings));
  const { identity } = openIdentityFile(home.identityFile);
  const engine = createScriptedEngine(options.script);
  const grid = await startGrid(
    {
      home,
      env: { LOBSTAH_LOG: 'debug', ...options.env },
      version: 'test',
      worker: options.roles === 'router' ? undefined : { port: 0, sharing: options.sharing ?? 'always' },
      router: options.roles === 'worker' ? undefined : { port: 0 },
    },
    { engine, ...(options.engineLimits ? { engineLimits: options.engineLimits } : {}), ...options.overrides },
  );
  const signer = createSigner(Buffer.from(identity.secretKey, 'hex'));
  const books = await openLedger({ file: home.ledgerFile, ownPubkey: signer.pubkey });
  return {
    grid,
    home: folder,
    signer,
    engine,
    books,
    api: `${grid.routerUrl ?? ''}/v1`,
    async [Symbol.asyncDispose]() {
      await grid.stop();
      await books.close();
    },
  };
}

export const newSigner = (): Signer => createSigner(randomBytes(32));

export const peerOf = ({ grid }: TestGrid) => ({ pubkey: grid.pubkey, url: grid.workerUrl ?? '' });

export interface StreamAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly content: string;
  readonly done: boolean;
  readonly error: { code?: string; type?: string; message: string } | undefined;
}

/** Posts a chat as a plain client and reads the whole stream. */
export async function chat(
  api: string,
  body: object = {},
  headers: Record<string, string> = {},
  onText?: (textSoFar: string) => void,
): Promise<StreamAnswer> {
  const response = await fetch(`${api}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'hello' }], ...body }),
  });
  let text = '';
  for await (const part of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += part;
    onText?.(text);
  }
  const events = text
    .split('\n\n')
    .filter((event) => event.startsWith('data: '))
    .map((event) => event.slice(6));
  let content = '';
  let error: StreamAnswer['error'];
  for (const data of response.headers.get('content-type')?.includes('event-stream') ? events : []) {
    if (data === '[DONE]') continue;
    const chunk = JSON.parse(data) as { choices?: { delta?: { content?: string } }[]; error?: StreamAnswer['error'] };
    content += chunk.choices?.[0]?.delta?.content ?? '';
    error ??= chunk.error;
  }
  if (!response.ok) error = (JSON.parse(text) as { error: StreamAnswer['error'] }).error;
  return { status: response.status, headers: response.headers, text, content, done: events.at(-1) === '[DONE]', error };
}

/** Waits for something to become true, for at most ten seconds. */
export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`did not happen within ten seconds: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
