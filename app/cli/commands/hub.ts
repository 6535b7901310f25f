import type { Command } from 'commander';
import { findHome } from '../../runtime/home.ts';
import { HUB_PORT, startHub, type RunningHub } from '../../runtime/start-hub.ts';
import { collect, parseCount, parsePort } from '../arguments.ts';
import { interruptSignal, paint, say } from '../terminal.ts';
import { VERSION } from '../version.ts';

/** Longer than an answer to /api/chat may take is never needed; service managers kill after 90 seconds. */
const DRAIN_SECONDS = 60;

interface HubOptions {
  port?: number;
  host?: string;
  allowHost?: string[];
  allowOrigin?: string[];
  behindProxy?: string[];
  v1KeyFile?: string;
  adminKeyFile?: string;
  searxng?: string;
  probes: boolean;
  drainSeconds: number;
}

const FOOTER = `
A hub listens on 127.0.0.1; a TLS proxy stands in front of it (docs/idleclaw.md has one for Caddy):
  lobstah hub start --behind-proxy 127.0.0.1 --allow-host hub.example.org

Keys for agents, one a line, at least 16 characters:
  umask 077; openssl rand -hex 24 > v1-keys
  lobstah hub start --v1-key-file v1-keys      then point any OpenAI client at /v1 with that key

Nodes join with 'lobstah contribute --server URL' or the existing IdleClaw skill.`;

/** `hub start`: an IdleClaw routing server. */
export function addHub(program: Command): void {
  const hub = program
    .command('hub')
    .description('an IdleClaw routing server: nodes connect to it, consumers post to it');
  hub
    .command('start')
    .description('route chats to the nodes that are connected')
    .option('--port <port>', `port to listen on (default: ${HUB_PORT})`, parsePort)
    .option('--host <address>', 'address to listen on; others can reach any but 127.0.0.1 (default: 127.0.0.1)')
    .option('--allow-host <name>', 'a Host name to answer to besides loopback; may be repeated', collect)
    .option('--allow-origin <origin>', 'a page that may call /api, e.g. https://example.org; may be repeated', collect)
    .option(
      '--behind-proxy <address>',
      'address or range whose forwarded-for header is believed; may be repeated',
      collect,
    )
    .option('--v1-key-file <file>', 'file with keys for /v1 (default: /v1 is off)')
    .option('--admin-key-file <file>', 'file with keys for /admin (default: /admin is off)')
    .option('--searxng <url>', 'let models search the web through this SearXNG (default: off)')
    .option('--no-probes', 'do not ask nodes for a sign of life or what their models can do')
    .option(
      '--drain-seconds <seconds>',
      `how long running answers may take to end after Ctrl-C or SIGTERM (default: ${DRAIN_SECONDS})`,
      parseCount(3_600),
      DRAIN_SECONDS,
    )
    .addHelpText('after', FOOTER)
    .action(async (options: HubOptions) => {
      const interrupt = interruptSignal();
      const running = await startHub({
        home: findHome(process.env),
        env: process.env,
        host: options.host,
        port: options.port,
        allowedHosts: options.allowHost,
        allowedOrigins: options.allowOrigin,
        trustedProxies: options.behindProxy,
        v1KeyFile: options.v1KeyFile,
        adminKeyFile: options.adminKeyFile,
        searxngUrl: options.searxng,
        probes: options.probes,
      });
      greet(running, options);
      if (!interrupt.aborted)
        await new Promise<void>((resolve) => interrupt.addEventListener('abort', () => resolve(), { once: true }));
      say(
        `\n${paint('dim', `Stopping: running answers get ${options.drainSeconds} seconds. Ctrl-C again ends them now.`)}`,
      );
      await running.stop(options.drainSeconds * 1_000);
    });
}

function greet({ url, v1, admin }: RunningHub, { searxng, behindProxy }: HubOptions): void {
  say(`${paint('bold', `Lobstah ${VERSION}`)}  IdleClaw hub`);
  say(`  hub     ${url}`);
  say(`  nodes   ${url.replace(/^http/, 'ws')}/ws/node`);
  say(`  /v1     ${v1 ? 'on, with a key' : paint('dim', 'off (--v1-key-file)')}`);
  say(`  /admin  ${admin ? `${url}/admin` : paint('dim', 'off (--admin-key-file)')}`);
  say(`  search  ${searxng ?? paint('dim', 'off (--searxng)')}`);
  if (!behindProxy)
    say(paint('dim', '  Behind a proxy all clients would share the limits of one address: see --behind-proxy.'));
  say(paint('dim', 'Ctrl-C stops.'));
}
