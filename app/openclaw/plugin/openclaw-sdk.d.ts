/** There at run time only: openclaw resolves these names for the plugins it loads. */
declare module 'openclaw/plugin-sdk/plugin-entry' {
  import type { PluginApi } from './openclaw-api.ts';
  interface PluginEntry {
    readonly id: string;
    readonly name: string;
    readonly description: string;
    register(api: PluginApi): void;
  }
  export function definePluginEntry(entry: PluginEntry): PluginEntry;
}

declare module 'openclaw/plugin-sdk/provider-setup' {
  import type { StockSetup } from './wizard.ts';
  export const configureOpenAICompatibleSelfHostedProviderNonInteractive: StockSetup;
}
