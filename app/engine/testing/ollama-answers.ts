import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a real Ollama 0.17.4 answered, word for word; long streams have lines left out where a line says so, 'show' its tensors. */
export interface OllamaAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export function readOllamaAnswerFile(name: string): OllamaAnswer {
  const text = readFileSync(new URL(`./ollama-answers/${name}.txt`, import.meta.url), 'utf8');
  const [, body = '', status = '', contentType] =
    /^(.*?)\s*\[http (\d{3})(?: ([a-z][^\]]*?)(?: ttfb.*| total.*)?)?\].*$/s.exec(text) ?? [];
  return {
    status: Number(status),
    contentType: contentType?.startsWith('exit') === false ? contentType : 'application/x-ndjson',
    body: `${body
      .split('\n')
      .filter((line) => !line.startsWith('… ('))
      .join('\n')}\n`,
  };
}

/** Serves answer files by path. Listens on 127.0.0.1, on a free port. */
export async function playOllamaAnswers(byPath: Readonly<Record<string, string>>) {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      const answer = readOllamaAnswerFile(byPath[request.url ?? ''] ?? 'err_404');
      response.writeHead(answer.status, { 'content-type': answer.contentType }).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
