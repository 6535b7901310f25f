import type { RequestHandler } from 'express';
import type { Hub } from './hub.ts';

/** What the owner of a hub sees: who is connected, how loaded, how reliable, and what was refused. No prompts exist to be seen. */
export interface AdminView {
  readonly uptimeSeconds: number;
  readonly draining: boolean;
  readonly runningRequests: number;
  readonly nodes: readonly {
    readonly nodeId: string;
    readonly address: string;
    readonly models: readonly string[];
    readonly ollamaVersion: string;
    readonly active: number;
    readonly maxConcurrent: number;
    readonly reputation: number;
    readonly availability: number;
    readonly answered: number;
    readonly failed: number;
    readonly connectedSeconds: number;
    readonly heartbeatAgeSeconds: number;
  }[];
  readonly refusals: Readonly<Record<string, number>>;
}

/** GET /admin/state */
export function adminState(hub: Hub): RequestHandler {
  return (_request, response) => {
    response.json(viewOf(hub));
  };
}

/** GET /admin: the same as a page, without script. */
export function adminPage(hub: Hub): RequestHandler {
  return (_request, response) => {
    response
      .set({
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
      })
      .send(pageOf(viewOf(hub)));
  };
}

function viewOf(hub: Hub): AdminView {
  const nowMs = hub.deps.clock.nowMs();
  const seconds = (sinceMs: number) => Math.floor((nowMs - sinceMs) / 1_000);
  return {
    uptimeSeconds: seconds(hub.startedAtMs),
    draining: hub.draining,
    runningRequests: hub.runningCount,
    nodes: [...hub.nodes.all()].map((node) => {
      const { active, maxConcurrent, reputation, availability } = node.view(nowMs);
      const { models, ollamaVersion } = node.registration;
      const { answered, failed } = node.record;
      return {
        nodeId: node.nodeId,
        address: node.address,
        models: [...models.keys()],
        ollamaVersion,
        active,
        maxConcurrent,
        reputation,
        availability,
        answered,
        failed,
        connectedSeconds: seconds(node.connectedAtMs),
        heartbeatAgeSeconds: seconds(node.lastHeartbeatMs),
      };
    }),
    refusals: Object.fromEntries(hub.metrics.refusedBy),
  };
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escape = (value: unknown) => String(value).replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
const row = (tag: 'td' | 'th', cells: readonly unknown[]) =>
  `<tr>${cells.map((cell) => `<${tag}>${escape(cell)}</${tag}>`).join('')}</tr>`;
const table = (head: readonly string[], rows: readonly (readonly unknown[])[], empty: string) =>
  rows.length === 0
    ? `<p>${escape(empty)}</p>`
    : `<table>${row('th', head)}${rows.map((cells) => row('td', cells)).join('')}</table>`;
const percent = (share: number) => `${Math.round(share * 100)} %`;

function pageOf(view: AdminView): string {
  const nodes = view.nodes.map((node) => [
    node.nodeId.slice(0, 8),
    node.address,
    `${node.active} of ${node.maxConcurrent}`,
    percent(node.reputation),
    percent(node.availability),
    `${node.answered} / ${node.failed}`,
    `${node.heartbeatAgeSeconds} s`,
    node.models.join(', '),
    node.ollamaVersion,
  ]);
  const headline = `${view.nodes.length} nodes, ${view.runningRequests} requests under way, up ${view.uptimeSeconds} s${view.draining ? ', stopping' : ''}`;
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="5"><title>Hub</title>
<style>:root{color-scheme:light dark}body{font:13px system-ui,sans-serif;margin:24px;font-variant-numeric:tabular-nums}
table{border-collapse:collapse;margin:8px 0 24px}th,td{text-align:left;padding:4px 12px 4px 0;border-bottom:.5px solid #8884}
th{font-weight:600}h1{font-size:17px}h2{font-size:14px}</style>
<h1>Hub</h1><p>${escape(headline)}</p><h2>Nodes</h2>
${table(['node', 'address', 'load', 'reputation', 'available', 'answered / failed', 'heartbeat', 'models', 'Ollama'], nodes, 'No node is connected.')}
<h2>Refused</h2>
${table(['why', 'how often'], Object.entries(view.refusals), 'Nothing was refused.')}
</html>`;
}
