/**
 * The part of openclaw's plugin API (2026.9.6) that this plugin uses, as it is at run time. openclaw's own types come with
 * 600 MB; e2e/full/openclaw.test.ts runs the plugin inside the real one.
 */
export interface PluginApi {
  readonly pluginConfig?: Readonly<Record<string, unknown>> | undefined;
  registerProvider(provider: Provider): void;
  registerCommand(command: ChatCommand): void;
}

export interface Provider {
  readonly id: string;
  readonly label: string;
  readonly envVars: readonly string[];
  readonly auth: readonly AuthMethod[];
  /** `discovery`, an older name, is ignored in silence. */
  readonly catalog: { readonly order: 'late'; run(context: CatalogContext): Promise<CatalogResult> };
  readonly wizard: {
    readonly setup: Readonly<Record<string, string>>;
    readonly modelPicker: Readonly<Record<string, string>>;
  };
  /** For models that are in no list; may ask the router. */
  prepareDynamicModel(context: DynamicModelContext): Promise<RuntimeModel | undefined>;
  /** The same without asking anybody. `agent exec` needs it. */
  resolveDynamicModel(context: DynamicModelContext): RuntimeModel;
  normalizeResolvedModel(context: { model: RuntimeModel }): RuntimeModel;
  buildUnknownModelHint(context: { modelId: string; baseUrl?: string | undefined }): string;
  buildMissingAuthMessage(): string;
  /** openclaw shortens the conversation and asks again. */
  matchesContextOverflowError(context: { errorMessage: string; code?: string | undefined }): boolean;
}

export interface DynamicModelContext {
  readonly modelId: string;
  readonly config?: OpenclawConfig | undefined;
}

export interface AuthMethod {
  readonly id: string;
  readonly label: string;
  readonly hint: string;
  readonly kind: 'custom';
  run(context: WizardContext): Promise<AuthResult>;
  runNonInteractive(context: NonInteractiveContext): Promise<OpenclawConfig | null>;
}

export interface Prompter {
  note(message: string, title?: string): Promise<void>;
  text(question: {
    message: string;
    initialValue?: string;
    placeholder?: string;
    validate?: (value: string) => string | undefined;
    sensitive?: boolean;
  }): Promise<string>;
  confirm(question: { message: string; initialValue?: boolean }): Promise<boolean>;
  select<Value>(question: {
    message: string;
    options: { value: Value; label: string; hint?: string }[];
    initialValue?: Value;
  }): Promise<Value>;
}

export interface WizardContext {
  readonly config: OpenclawConfig;
  readonly prompter: Prompter;
  readonly signal?: AbortSignal | undefined;
}

export interface NonInteractiveContext {
  readonly config: OpenclawConfig;
  readonly opts: Readonly<Record<string, unknown>>;
  readonly runtime: { log(message: string): void; error(message: string): void };
}

export interface AuthResult {
  readonly profiles: readonly {
    readonly profileId: string;
    readonly credential: { readonly type: 'api_key'; readonly provider: string; readonly key: string };
  }[];
  readonly configPatch: OpenclawConfig;
  readonly defaultModel: string;
  readonly notes?: readonly string[];
}

export interface CatalogContext {
  readonly config: OpenclawConfig;
  readonly signal?: AbortSignal | undefined;
  readonly providerIds?: readonly string[] | undefined;
  resolveProviderApiKey(providerId: string): { apiKey?: string | undefined; discoveryApiKey?: string | undefined };
}

export type CatalogResult = { readonly provider: ProviderConfig } | null;

export interface OpenclawConfig {
  readonly models?: {
    readonly mode?: string | undefined;
    readonly providers?: Readonly<Record<string, ProviderConfig>> | undefined;
  };
  readonly [member: string]: unknown;
}

export interface ProviderConfig {
  readonly baseUrl: string;
  readonly api?: 'openai-completions';
  readonly apiKey?: unknown;
  readonly models: readonly ConfigRow[];
}

/** A row as it is written into the config: what is the same for all models is added when openclaw uses it. */
export type ConfigRow = Omit<ModelRow, 'cost' | 'compat'>;

export interface ModelRow {
  readonly id: string;
  readonly name: string;
  readonly reasoning: boolean;
  readonly input: readonly ('text' | 'image')[];
  readonly cost: { readonly input: 0; readonly output: 0; readonly cacheRead: 0; readonly cacheWrite: 0 };
  /** tokens */
  readonly contextWindow: number;
  readonly maxTokens: number;
  readonly compat: Readonly<Record<string, unknown>>;
}

export interface RuntimeModel extends Omit<ModelRow, 'compat'> {
  readonly provider: string;
  readonly api: string;
  readonly baseUrl: string;
  readonly compat?: Readonly<Record<string, unknown>> | undefined;
}

export interface ChatCommand {
  readonly name: string;
  readonly description: string;
  readonly acceptsArgs: boolean;
  readonly requireAuth: boolean;
  handler(context: { readonly args?: string | undefined; readonly config: OpenclawConfig }): Promise<{ text: string }>;
}
