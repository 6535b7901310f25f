import { configuredBaseUrl } from './base-url.ts';
import { GridClientError, type GridClient } from './grid-client.ts';
import { COMPAT, modelRow, modelRows, type RouterModel } from './model-rows.ts';
import {
  API_KEY_VARIABLE,
  AUTO_MODEL,
  DEFAULT_BASE_URL,
  PROVIDER_ID,
  PROVIDER_LABEL,
} from './names.ts';
import type { CatalogContext, CatalogResult, Provider, RuntimeModel } from './openclaw-api.ts';
import { modelIdAtRouter, runNonInteractive, runWizard, type StockSetup } from './wizard.ts';

const HINT = 'Idle Macs, yours and of people you know; answers come from the grid on this machine';

export interface ProviderDeps {
  readonly grid: GridClient;
  readonly stockSetup: StockSetup;
}

/** What openclaw is told about the grid: how to set it up, what models there are, and how to speak to them. */
export function createProvider({ grid, stockSetup }: ProviderDeps): Provider {
  /** What the router told last, so that a model named by hand gets its real context too. */
  let known: readonly RouterModel[] = [];

  async function catalog(context: CatalogContext): Promise<CatalogResult> {
    if (context.providerIds && !context.providerIds.includes(PROVIDER_ID)) return null;
    const configured = context.config.models?.providers?.[PROVIDER_ID];
    const { apiKey, discoveryApiKey } = context.resolveProviderApiKey(PROVIDER_ID);
    // Nobody set it up: then nothing is asked, and nothing listed.
    if (!configured && !apiKey) return null;
    const baseUrl = configuredBaseUrl(context.config);
    try {
      known = await grid.models(baseUrl, discoveryApiKey, context.signal);
    } catch (error) {
      if (!(error instanceof GridClientError)) throw error;
      return null; // what was known before stays listed
    }
    const models = modelRows(known);
    if (models.length === 0) return null;
    return {
      provider: { baseUrl, api: 'openai-completions', apiKey: apiKey ?? configured?.apiKey ?? API_KEY_VARIABLE, models },
    };
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
    resolveDynamicModel({ modelId, config }) {
      const id = modelIdAtRouter(modelId);
      const row = modelRow(
        modelRows(known).some((model) => model.id === id)
          ? (known.find((model) => model.id === id) ?? autoOf(known))
          : { id, contextLength: undefined, capabilities: undefined },
      );
      return { ...row, provider: PROVIDER_ID, api: 'openai-completions', baseUrl: configuredBaseUrl(config) };
    },
    normalizeResolvedModel: ({ model }) => normalized(model),
    buildUnknownModelHint: ({ modelId, baseUrl }) =>
      `Lobstah at ${baseUrl ?? DEFAULT_BASE_URL} has no model '${modelId}' right now. 'lobstah models' lists what can be asked for; '${AUTO_MODEL}' takes whichever fits.`,
    buildMissingAuthMessage: () =>
      `The ${PROVIDER_LABEL} is not set up: run 'lobstah openclaw install', or 'openclaw onboard --auth-choice ${PROVIDER_ID}'. Any key will do.`,
  };
}

function autoOf(known: readonly RouterModel[]): RouterModel {
  const row = modelRows(known)[0];
  return {
    id: AUTO_MODEL,
    contextLength: row?.contextWindow,
    capabilities: [...(row?.reasoning ? ['thinking'] : []), ...(row?.input.includes('image') ? ['vision'] : [])],
  };
}

/** Rows in the config are written by whoever set it up, and know nothing of compat. What an owner wrote there wins. */
function normalized(model: RuntimeModel): RuntimeModel {
  return {
    ...model,
    compat: { ...COMPAT, supportsReasoningEffort: model.reasoning, ...model.compat },
  };
}
