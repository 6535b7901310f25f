import { request } from 'undici';
import { createConnection } from 'node:net';
import { runningUrl } from '../roles.ts';
import { openSettingsFile } from '../settings.ts';
import type { DoctorInput, Finding } from './finding.ts';
import { findPortHolder, holderWords } from './port-holder.ts';

const ANSWER_MS = 2_000;

/** Is it running, and if not: is its port free for it? */
export async function checkServer({ home, grid }: DoctorInput, role: 'worker' | 'router'): Promise<Finding> {
  const running = role === 'worker' ? grid?.workerUrl : grid?.routerUrl;
  const { port } = openSettingsFile(home.settingsFile).current()[role];
  const url = running ?? runningUrl(home, role) ?? `http://127.0.0.1:${port}`;
  const name = await serverName(url);
  if (name === `lobstah-${role}`) return { message: `answers at ${url}` };
  if (await isTaken(port)) return taken(port, name);
  return {
    code: `${role}_not_running`,
    status: 'warning',
    message: 'is not running',
    hint: `'lobstah ${role} start' or 'lobstah up' starts it.`,
  };
}

/** The pages of `up` for a browser. Who does without them misses nothing, so a free port is all there is to want. */
export async function checkDashboard({ home }: DoctorInput): Promise<Finding> {
  const { port } = openSettingsFile(home.settingsFile).current().control;
  if (!(await isTaken(port))) return { message: `not running, port ${port} is free` };
  if (await isControlServer(port)) return { message: `answers at http://127.0.0.1:${port}` };
  return taken(port, undefined);
}

async function taken(port: number, name: string | undefined): Promise<Finding> {
  const holder = await findPortHolder(port);
  const who = holder ? holderWords(holder) : 'a program that does not show itself';
  return {
    code: 'port_taken',
    status: 'failed',
    message: `Port ${port} is held by ${who}${name === undefined ? '' : `, which calls itself '${name}'`}.`,
    hint:
      holder?.pid === undefined
        ? `Stop it, or choose another port with '--port'. 'sudo lsof -i :${port}' names it.`
        : `Stop it ('kill ${holder.pid}'), or choose another port with '--port'.`,
  };
}

async function serverName(url: string): Promise<string | undefined> {
  try {
    const { body } = await request(`${url}/`, { signal: AbortSignal.timeout(ANSWER_MS) });
    const { name } = (await body.json()) as { name?: unknown };
    return typeof name === 'string' ? name.slice(0, 60) : undefined;
  } catch {
    return undefined;
  }
}

/** It says who it is by what it refuses: nobody without a token learns more. */
async function isControlServer(port: number): Promise<boolean> {
  try {
    const { body } = await request(`http://127.0.0.1:${port}/control/snapshot`, {
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    const { error } = (await body.json()) as { error?: { type?: unknown } };
    return error?.type === 'session_invalid';
  } catch {
    return false;
  }
}

function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1', timeout: 1_000 });
    const answer = (is: boolean) => () => {
      socket.destroy();
      resolve(is);
    };
    socket.once('connect', answer(true)).once('error', answer(false)).once('timeout', answer(false));
  });
}
