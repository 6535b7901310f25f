import type { Capability } from '../protocol/capacity.ts';
import type { Embeddings } from '../protocol/embeddings.ts';
import type { ChatDelta, ChatRequest, FinishReason, Usage } from '../protocol/chat.ts';

/** A model an engine can run. Sizes in bytes, context in tokens. */
export interface EngineModel {
  /** The name to ask for, as the engine prints it ('llama3.2:3b'). */
  readonly name: string;
  readonly digest?: string;
  readonly sizeBytes?: number;
  /** as the engine prints it: '8.0B', '161K' */
  readonly parameterSize?: string;
  readonly quantization?: string;
  readonly contextLength?: number;
  readonly capabilities: readonly Capability[];
  readonly loaded: boolean;
  /** Only for the owner of this machine, never offered to others: the sample model. */
  readonly ownUseOnly: boolean;
}

export interface EngineChat {
  readonly request: ChatRequest;
  /** Generation ends here at the latest, with finish reason 'length'. */
  readonly maxOutputTokens: number;
}

export type EngineEvent =
  | { readonly type: 'delta'; readonly delta: ChatDelta }
  | { readonly type: 'finish'; readonly reason: FinishReason; readonly usage: Usage };

/** A model that an engine holds in memory now. */
export interface EngineResident {
  /** as the engine prints it */
  readonly name: string;
  readonly sizeBytes: number;
  /** when the engine would drop it, ms since 1970; moves on with every use; Infinity for never */
  readonly expiresAtMs: number;
  /** when a request through this port last ran on it; undefined: none did */
  readonly usedHereAtMs: number | undefined;
}

export interface EngineEmbedding {
  readonly model: string;
  readonly inputs: readonly string[];
  /** length of the vectors; undefined is the model's own */
  readonly dimensions: number | undefined;
}

export type EngineName = 'ollama' | 'builtin' | 'openai-compatible' | 'sample';

export interface EngineStatus {
  readonly engine: EngineName;
  readonly reachable: boolean;
  /** Where it answers, in words for people: 'http://127.0.0.1:11434', 'inside Lobstah'. */
  readonly where: string;
  readonly version?: string;
  /** One sentence when it is not reachable. */
  readonly problem?: string;
}

/** What answers prompts on this machine. Every method throws GridErrors of the `engine_…` rows and `context_exceeded` only. */
export interface Engine {
  status(signal: AbortSignal): Promise<EngineStatus>;
  models(signal: AbortSignal): Promise<readonly EngineModel[]>;
  /**
   * Streams one answer. Exactly one 'finish' comes last; a stream that ends without one threw before. Aborting the signal, or
   * leaving the loop, stops generation; an aborted signal makes it throw the signal's reason.
   */
  chat(chat: EngineChat, signal: AbortSignal): AsyncIterable<EngineEvent>;
  /**
   * One vector for each input, all of one length. Absent: this engine makes none.
   * @throws GridError as above; the signal's reason when aborted
   */
  embed?(asked: EngineEmbedding, signal: AbortSignal): Promise<Embeddings>;
  /**
   * Gives the memory of a model back now, for an owner who returns. Absent: nothing to be done from here.
   * @returns whether the model is out of memory; false while something else still runs on it
   */
  unload?(model: string, signal: AbortSignal): Promise<boolean>;
  /**
   * What is in memory, whoever had it loaded: an engine that is shared with other programs of its owner tells by this that they use
   * it. Absent, or empty: nobody else can.
   */
  residents?(signal: AbortSignal): Promise<readonly EngineResident[]>;
  close(): Promise<void>;
}
