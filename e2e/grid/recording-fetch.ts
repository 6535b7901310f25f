import { checkStream, type PublishedChunk } from './openai-chunk-schema.ts';

/** A fetch for SDKs that keeps what came over the wire: SDKs forgive what others would not. */
export function createRecordingFetch() {
  const texts: Promise<string>[] = [];
  const fetchAndKeep: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    if (!response.headers.get('content-type')?.startsWith('text/event-stream') || !response.body) return response;
    const [forClient, forUs] = response.body.tee();
    texts.push(new Response(forUs).text());
    return new Response(forClient, { status: response.status, headers: response.headers });
  };
  return {
    fetch: fetchAndKeep,
    /** All streams so far, each line checked against OpenAI's published schema. */
    async checked(): Promise<PublishedChunk[][]> {
      return (await Promise.all(texts)).map(checkStream);
    },
  };
}
