import { baseUrlProblem, configuredBaseUrl, tidyBaseUrl } from './base-url.ts';
import { GridClientError, type GridClient } from './grid-client.ts';
import { configRow, modelRow, modelRows, type RouterModel } from './model-rows.ts';
import { ANY_API_KEY, API_KEY_VARIABLE, AUTO_MODEL, PROVIDER_ID, PROVIDER_LABEL } from './names.ts';
import type {
  AuthResult,
  ConfigRow,
  ModelRow,
  NonInteractiveContext,
  OpenclawConfig,
  WizardContext,
} from './openclaw-api.ts';
import { askOptIns } from './opt-ins.ts';

/** `openclaw onboard` and `openclaw models auth login`, with a person in front of it. */
export async function runWizard({ config, prompter, signal }: WizardContext, grid: GridClient): Promise<AuthResult> {
  const baseUrl = tidyBaseUrl(
    await prompter.text({
      message: `Address of the ${PROVIDER_LABEL} (base URL)`,
      initialValue: configuredBaseUrl(config),
      validate: baseUrlProblem,
    }),
  );
  const key = (
    await prompter.text({
      message: 'API key (any will do, unless you gave the router one)',
      initialValue: ANY_API_KEY,
      validate: (value) => (value.trim() ? undefined : 'One character is enough.'),
    })
  ).trim();

  const rows = await readRows(grid, baseUrl, key, signal).catch(async (error: unknown) => {
    if (!(error instanceof GridClientError)) throw error;
    await prompter.note(
      `${error.message}\nStart it with 'lobstah up', or open the Lobstah app. The setup goes on; models are found as soon as it runs.`,
      PROVIDER_LABEL,
    );
    return [autoRow];
  });
  const modelId = await prompter.select({
    message: 'Model to begin with',
    options: rows.map(({ id, name, contextWindow }) => ({
      value: id,
      label: id,
      hint: id === AUTO_MODEL ? name : `context ${contextWindow.toLocaleString('en')}`,
    })),
    initialValue: AUTO_MODEL,
  });
  await askOptIns(prompter, grid);
  return {
    profiles: [{ profileId: `${PROVIDER_ID}:default`, credential: { type: 'api_key', provider: PROVIDER_ID, key } }],
    configPatch: providerPatch(baseUrl, rowsToKeep(rows, modelId)),
    defaultModel: modelReference(modelId),
  };
}

/** openclaw's own helper for self-hosted servers: it stores the key and chooses the default model. */
export type StockSetup = (params: {
  ctx: NonInteractiveContext;
  providerId: string;
  providerLabel: string;
  defaultBaseUrl: string;
  defaultApiKeyEnvVar: string;
  modelPlaceholder: string;
}) => Promise<OpenclawConfig | null>;

/** `openclaw onboard --non-interactive --auth-choice lobstah`. Nobody can be asked, so both opt-ins stay off. */
export async function runNonInteractive(
  context: NonInteractiveContext,
  grid: GridClient,
  stockSetup: StockSetup,
): Promise<OpenclawConfig | null> {
  const asked = textOf(context.opts['customBaseUrl']) ?? configuredBaseUrl(context.config);
  const problem = baseUrlProblem(asked);
  if (problem) {
    context.runtime.error(`--custom-base-url: ${problem}`);
    return null;
  }
  const baseUrl = tidyBaseUrl(asked);
  const key = textOf(context.opts['customApiKey']) ?? ANY_API_KEY;
  const modelId = modelIdAtRouter(textOf(context.opts['customModelId']) ?? AUTO_MODEL);
  const configured = await stockSetup({
    ctx: {
      ...context,
      opts: { ...context.opts, customBaseUrl: baseUrl, customApiKey: key, customModelId: modelId },
    },
    providerId: PROVIDER_ID,
    providerLabel: PROVIDER_LABEL,
    defaultBaseUrl: baseUrl,
    defaultApiKeyEnvVar: API_KEY_VARIABLE,
    modelPlaceholder: AUTO_MODEL,
  });
  if (!configured) return null;
  const rows = await readRows(grid, baseUrl, key).catch((error: unknown) => {
    if (!(error instanceof GridClientError)) throw error;
    context.runtime.log(`${error.message} Models are found as soon as it runs ('lobstah up').`);
    return [autoRow];
  });
  return withProvider(configured, baseUrl, rowsToKeep(rows, modelId));
}

const unknownModel = (id: string): RouterModel => ({ id, contextLength: undefined, capabilities: undefined });
const autoRow = modelRow(unknownModel(AUTO_MODEL));

async function readRows(grid: GridClient, baseUrl: string, key: string, signal?: AbortSignal): Promise<ModelRow[]> {
  const rows = modelRows(await grid.models(baseUrl, key, signal));
  return rows.length > 0 ? rows : [autoRow];
}

/**
 * The config gets the rows that must be there while Lobstah does not run; the catalog finds all others, also those of
 * tomorrow. Many rows would also make openclaw refuse to take them out again ('size-drop').
 */
function rowsToKeep(rows: readonly ModelRow[], modelId: string): ConfigRow[] {
  const row = (id: string) => configRow(rows.find((known) => known.id === id) ?? modelRow(unknownModel(id)));
  return [...new Set([AUTO_MODEL, modelId])].map(row);
}

/** The key itself goes into openclaw's credential store; the config names the variable that may hold it instead. */
function providerPatch(baseUrl: string, models: readonly ConfigRow[]): OpenclawConfig {
  return {
    models: {
      mode: 'merge',
      providers: { [PROVIDER_ID]: { baseUrl, api: 'openai-completions', apiKey: API_KEY_VARIABLE, models } },
    },
  };
}

function withProvider(config: OpenclawConfig, baseUrl: string, models: readonly ConfigRow[]): OpenclawConfig {
  const before = config.models?.providers;
  const own = before?.[PROVIDER_ID];
  return {
    ...config,
    models: { ...config.models, providers: { ...before, [PROVIDER_ID]: { ...own, baseUrl, models } } },
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() ? value.trim() : undefined;
}

/** openclaw writes models as provider/model, and a prefix that is there already only once. */
function modelReference(modelId: string): string {
  return modelId.startsWith(`${PROVIDER_ID}/`) ? modelId : `${PROVIDER_ID}/${modelId}`;
}

/** The model of the router behind openclaw's reference: 'lobstah/auto' is a name of its own, every other prefix is openclaw's. */
export function modelIdAtRouter(id: string): string {
  const plain = id.startsWith(`${PROVIDER_ID}/`) ? id.slice(PROVIDER_ID.length + 1) : id;
  return plain === 'auto' ? AUTO_MODEL : plain;
}
