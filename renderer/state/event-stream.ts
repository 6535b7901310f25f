/** One server-sent event (WHATWG HTML 9.2.6) with data. */
export interface StreamEvent {
  readonly event: string;
  readonly data: string;
}

/** Turns chunks of text, cut anywhere, into events. Comments and events without data vanish. */
export function createEventParser(): (chunk: string) => StreamEvent[] {
  let pending = '';
  let endedWithCr = false;

  return (chunk) => {
    // A CRLF cut between two chunks must not count as two line ends.
    const text = endedWithCr && chunk.startsWith('\n') ? chunk.slice(1) : chunk;
    endedWithCr = chunk === '' ? endedWithCr : chunk.endsWith('\r');
    pending += text.replace(/\r\n?/g, '\n');

    const events: StreamEvent[] = [];
    for (let end = pending.indexOf('\n\n'); end >= 0; end = pending.indexOf('\n\n')) {
      const parsed = parseEvent(pending.slice(0, end));
      if (parsed) events.push(parsed);
      pending = pending.slice(end + 2);
    }
    return events;
  };
}

function parseEvent(block: string): StreamEvent | undefined {
  let event = 'message';
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    if (colon === 0 || line === '') continue;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'event') event = value;
    if (field === 'data') data.push(value);
  }
  return data.length === 0 ? undefined : { event, data: data.join('\n') };
}
