/** Values pushed on one side, awaited on the other, in order; what was pushed before the end or a failure is still delivered. */
export interface MessageQueue<T> extends AsyncIterable<T> {
  push(value: T): void;
  end(): void;
  fail(error: unknown): void;
}

export function createMessageQueue<T>(): MessageQueue<T> {
  const values: T[] = [];
  let ending: { error?: unknown } | undefined;
  let wake: (() => void) | undefined;

  const finish = (how: { error?: unknown }) => {
    ending ??= how;
    wake?.();
  };

  return {
    push(value) {
      if (ending) return;
      values.push(value);
      wake?.();
    },
    end: () => finish({}),
    fail: (error) => finish({ error }),
    async *[Symbol.asyncIterator]() {
      for (;;) {
        while (values.length > 0) yield values.shift() as T;
        if (ending) {
          if ('error' in ending) throw ending.error;
          return;
        }
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}
