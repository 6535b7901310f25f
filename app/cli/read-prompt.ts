/** The prompt of a command; '-' means standard input. */
export async function readPrompt(prompt: string, signal: AbortSignal): Promise<string> {
  if (prompt !== '-') return prompt;
  signal.addEventListener('abort', () => process.stdin.destroy(signal.reason as Error), { once: true });
  let text = '';
  for await (const part of process.stdin.setEncoding('utf8')) text += part as string;
  return text;
}
