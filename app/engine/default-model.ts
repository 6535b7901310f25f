/**
 * The model that the built-in engine offers to fetch: Apache 2.0, 639 MB. Nothing here contacts anybody; only downloadModel does,
 * and that only when its owner said yes. The checksum is the one the hub publishes (x-linked-etag), asked for with the download.
 */
export const DEFAULT_MODEL = {
  name: 'qwen3:0.6b-q8_0',
  fileName: 'Qwen3-0.6B-Q8_0.gguf',
  url: 'https://huggingface.co/Qwen/Qwen3-0.6B-GGUF/resolve/main/Qwen3-0.6B-Q8_0.gguf',
} as const;
