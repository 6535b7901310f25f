import type { RequestHandler } from 'express';
import { isEmbeddingModel } from '../protocol/capacity.ts';
import { GridError } from '../protocol/errors.ts';
import { AUTO_MODEL, FRIENDS_MODEL, LOCAL_MODEL } from './pick-peer.ts';
import type { RouterDeps } from './router-deps.ts';

const OWN = 'this machine';

interface ModelRow {
  readonly id: string;
  readonly object: 'model';
  readonly created: 0;
  readonly owned_by: string;
  readonly context_length?: number;
  readonly capabilities?: readonly string[];
  /** of an alias: what it stands for */
  readonly root?: string;
}

/**
 * What the best of several can do: one of them is picked for each request. Those who ask what fits bring tools, mostly: so the
 * promise is that of the models that can use them, where there are any.
 */
function aliasRow(id: string, rows: readonly ModelRow[]): ModelRow {
  const handy = rows.filter(({ capabilities }) => capabilities?.includes('tools'));
  const models = handy.length > 0 ? handy : rows;
  const contexts = models.flatMap(({ context_length }) => context_length ?? []);
  return {
    id,
    object: 'model',
    created: 0,
    owned_by: 'lobstah',
    ...(contexts.length > 0 ? { context_length: Math.max(...contexts) } : {}),
    capabilities: [...new Set(models.flatMap(({ capabilities }) => capabilities ?? []))],
  };
}

/** Everything that can be asked for right now, in OpenAI's shape with context and capabilities added. */
async function rows(deps: RouterDeps): Promise<ModelRow[]> {
  const found = new Map<string, ModelRow>();
  const close: ModelRow[] = [];
  for (const { peer, capacity } of await deps.roster.fresh()) {
    if (!capacity || capacity.sharing === 'paused') continue;
    for (const name of capacity.models) {
      if (found.has(name) && !peer.circle) continue;
      const offer = capacity.offers?.find(({ model }) => model === name);
      const row: ModelRow = {
        id: name,
        object: 'model',
        created: 0,
        owned_by: peer.source === 'own' ? OWN : (peer.label ?? peer.pubkey),
        ...(offer?.contextLength === undefined ? {} : { context_length: offer.contextLength }),
        ...(offer ? { capabilities: offer.capabilities } : {}),
      };
      if (peer.circle) close.push(row);
      if (!found.has(name)) found.set(name, row);
    }
  }
  const chats = (row: ModelRow) => !isEmbeddingModel(row);
  const all = [...found.values()].filter(chats);
  const friends = close.filter(chats);
  const own = all.filter(({ owned_by }) => owned_by === OWN);
  if (all.length > 0) found.set(AUTO_MODEL, aliasRow(AUTO_MODEL, all));
  if (own.length > 0) found.set(LOCAL_MODEL, aliasRow(LOCAL_MODEL, own));
  if (friends.length > 0) found.set(FRIENDS_MODEL, aliasRow(FRIENDS_MODEL, friends));
  for (const [alias, name] of Object.entries(deps.aliases())) {
    const row = found.get(name) ?? found.get(`${name}:latest`);
    if (row && !found.has(alias)) found.set(alias, { ...row, id: alias, root: name });
  }
  return [...found.values()];
}

/** GET /v1/models */
export function models(deps: RouterDeps): RequestHandler {
  return async (_request, response) => {
    response.json({ object: 'list', data: await rows(deps) });
  };
}

/** GET /v1/models/ID; ids may have slashes, encoded or not */
export function model(deps: RouterDeps): RequestHandler {
  return async (request, response) => {
    const id = String(request.params[0]);
    const row = (await rows(deps)).find((one) => one.id === id);
    if (!row) throw new GridError('model_not_found', `Nobody reachable has '${id.slice(0, 80)}'.`);
    response.json(row);
  };
}
