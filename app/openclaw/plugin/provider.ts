import { configuredBaseUrl } from './base-url.ts';
import { GridClientError, type GridClient } from './grid-client.ts';
import { COMPAT, modelRow, modelRows } from './model-rows.ts';
import { API_KEY_VARIABLE, AUTO_MODEL, DEFAULT_BASE_URL, PROVIDER_ID, PROVIDER_LABEL } from './names.ts';
import type { CatalogContext, CatalogResult, ModelRow, Provider, RuntimeModel } from './openclaw-api.ts';
import { modelIdAtRouter, runNonInteractive, runWizard, type StockSetup } from './wizard.ts';

const HINT = 'Idle Macs, yours and of people you know; answers come from the grid on this machine';

export interface ProviderDeps {
  readonly grid: GridClient;
  readonly stockSetup: StockSetup;
}

/** What openclaw is told about the grid: how to set it up, what models there are, and how to speak to them. */
export function createProvider({ grid, stockSetup }: ProviderDeps): Provider {
  async function catalog(context: CatalogContext): Promise<CatalogResult> {
    if (context.providerIds && !context.providerIds.includes(PROVIDER_ID)) return null;
    const configured = context.config.models?.providers?.[PROVIDER_ID];
    const { apiKey, discoveryApiKey } = context.resolveProviderApiKey(PROVIDER_ID);
    // Nobody set it up: then nothing is asked, and nothing listed.
    if (!configured && !apiKey) return null;
    const baseUrl = configuredBaseUrl(context.config);
    try {
      const models = modelRows(await grid.models(baseUrl, discoveryApiKey, context.signal));
      if (models.length === 0) return null;
      const key = apiKey ?? configured?.apiKey ?? API_KEY_VARIABLE;
      return { provider: { baseUrl, api: 'openai-completions', apiKey: key, models } };
    } catch (error) {
      if (!(error instanceof GridClientError)) throw error;
      return null; // what the config names stays listed
    }
  }

  return {
    id: PROVIDER_ID,
    label: PROVIDER_LABEL,
    envVars: [API_KEY_VARIABLE],
    auth: [
      {
        id: 'custom',
        label: PROVIDER_LABEL,
        hint: HINT,
        kind: 'custom',
        run: (context) => runWizard(context, grid),
        runNonInteractive: (context) => runNonInteractive(context, grid, stockSetup),
      },
    ],
    catalog: { order: 'late', run: catalog },
    wizard: {
      setup: {
        choiceId: PROVIDER_ID,
        choiceLabel: PROVIDER_LABEL,
        choiceHint: HINT,
        groupId: PROVIDER_ID,
        groupLabel: PROVIDER_LABEL,
        groupHint: 'Earn by serving, spend by asking',
        methodId: 'custom',
      },
      modelPicker: { label: PROVIDER_LABEL, hint: 'Set up the address of your Lobstah', methodId: 'custom' },
    },
    async prepareDynamicModel({ modelId, config }) {
      const baseUrl = configuredBaseUrl(config);
      try {
        const rows = modelRows(await grid.models(baseUrl));
        const row = rows.find(({ id }) => id === modelIdAtRouter(modelId));
        return row && runtimeModel(row, baseUrl);
      } catch (error) {
        if (!(error instanceof GridClientError)) throw error;
        return undefined; // what follows says better than we could what is wrong
      }
    },
    resolveDynamicModel: ({ modelId, config }) =>
      runtimeModel(
        modelRow({ id: modelIdAtRouter(modelId), contextLength: undefined, capabilities: undefined }),
        configuredBaseUrl(config),
      ),
    normalizeResolvedModel: ({ model }) => normalized(model),
    buildUnknownModelHint: ({ modelId, baseUrl }) =>
      `Lobstah at ${baseUrl ?? DEFAULT_BASE_URL} has no model '${modelId}' right now. 'lobstah models' lists what can be asked for; '${AUTO_MODEL}' takes whichever fits.`,
    buildMissingAuthMessage: () =>
      `The ${PROVIDER_LABEL} is not set up: run 'lobstah openclaw install', or 'openclaw onboard --auth-choice ${PROVIDER_ID}'. Any key will do.`,
    matchesContextOverflowError: ({ code, errorMessage }) =>
      code === 'context_exceeded' || errorMessage.includes('longer than the context'),
  };
}

function runtimeModel(row: ModelRow, baseUrl: string): RuntimeModel {
  return { ...row, provider: PROVIDER_ID, api: 'openai-completions', baseUrl };
}

/** Rows in the config are written by whoever set it up, and know nothing of compat. What an owner wrote there wins. */
function normalized(model: RuntimeModel): RuntimeModel {
  return {
    ...model,
    compat: { ...COMPAT, supportsReasoningEffort: model.reasoning, ...model.compat },
  };
}
