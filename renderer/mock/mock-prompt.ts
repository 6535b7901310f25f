import type { MockGrid } from './mock-grid.ts';

const ANSWER =
  'Once there was a lobster named Louise who lived under a pier. Every night, while the harbour slept, she sorted the shells the tide had left, and every morning somebody found exactly the one they had lost.\n\nShe never asked for anything. But on the day her own shell grew too small, the whole harbour came with one that fit.';

let started = 0;

export function startMockPrompt(grid: MockGrid, prompt: string): string {
  started += 1;
  const promptId = `prompt-${started}`;
  if (prompt.toLowerCase().includes('fail')) {
    setTimeout(
      () =>
        grid.emitPrompt({
          promptId,
          type: 'failed',
          code: 'no_capable_peer',
          message: 'No reachable peer can serve this request.',
          hint: 'The Peers page shows who is reachable, and the models they have.',
        }),
      400,
    );
    return promptId;
  }
  const words = ANSWER.split(/(?<= )/);
  words.forEach((text, index) =>
    setTimeout(() => grid.emitPrompt({ promptId, type: 'delta', text, reasoning: false }), 250 + index * 24),
  );
  setTimeout(
    () => {
      const own = grid.snapshot().engine.name === 'sample';
      const job = grid.addEntry();
      grid.emitPrompt({
        promptId,
        type: 'done',
        answeredBy: own ? 'this Mac' : 'mira’s MacBook',
        model: own ? 'lobstah-sample' : 'llama3.1:8b',
        outputTokens: words.length,
        tokensPerSecond: 41.2,
        firstTokenMs: 250,
        cost: own ? 0 : 97,
        jobId: job.jobId,
        own,
      });
    },
    300 + words.length * 24,
  );
  return promptId;
}
