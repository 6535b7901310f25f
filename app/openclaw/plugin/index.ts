import { definePluginEntry } from 'openclaw/plugin-sdk/plugin-entry';
import { chatCommand } from './chat-command.ts';
import { createGridClient } from './grid-client.ts';
import { PROVIDER_ID, PROVIDER_LABEL } from './names.ts';
import { createProvider } from './provider.ts';
import type { StockSetup } from './wizard.ts';

/** Heavy, and needed only where something is set up. */
const stockSetup: StockSetup = async (params) =>
  (await import('openclaw/plugin-sdk/provider-setup')).configureOpenAICompatibleSelfHostedProviderNonInteractive(
    params,
  );

// oxlint-disable-next-line import/no-default-export -- openclaw loads the default export
export default definePluginEntry({
  id: PROVIDER_ID,
  name: PROVIDER_LABEL,
  description:
    'Idle Macs answer each other’s prompts, fairly: the grid as a model provider, and its switch in the chat.',
  register(api) {
    const home = api.pluginConfig?.['home'];
    const grid = createGridClient(typeof home === 'string' && home ? home : undefined);
    api.registerProvider(createProvider({ grid, stockSetup }));
    api.registerCommand(chatCommand(grid));
  },
});
