import type { Response } from 'express';
import { inBandError, type SseDelta } from '../frames.ts';
import { cutTo, Sanitiser } from './sanitise.ts';

/** One answer to POST /api/chat, event by event, in the bytes that existing clients read: CRLF, delta before index. */
export class ChatStream {
  private readonly response: Response;
  private readonly head: string;
  private readonly contentSanitiser = new Sanitiser();
  private readonly thinkingSanitiser = new Sanitiser();
  private contentLeft: number;
  private thinkingLeft: number;

  constructor(
    response: Response,
    of: { id: string; model: string },
    limits: { answerCharacters: number; thinkingCharacters: number },
  ) {
    this.response = response;
    this.head = `data: {"id":${JSON.stringify(of.id)},"object":"chat.completion.chunk","model":${JSON.stringify(of.model)},"choices":[{"delta":`;
    this.contentLeft = limits.answerCharacters;
    this.thinkingLeft = limits.thinkingCharacters;
  }

  /** No more content is let through: the answer has its full length. */
  get isFull(): boolean {
    return this.contentLeft === 0;
  }

  content(text: string): void {
    this.endThinking();
    this.writeContent(this.contentSanitiser.push(text));
  }

  thinking(text: string): void {
    this.writeThinking(this.thinkingSanitiser.push(text));
  }

  tool(name: string, status: 'running' | 'done' | 'failed'): void {
    this.endText();
    this.event({ tool_call: { name, status } });
  }

  keepAlive(): void {
    this.response.write(': keep-alive\r\n\r\n');
  }

  /** Existing clients know of errors only as text of the answer. */
  error(sentence: string): void {
    this.endText();
    this.event({ content: inBandError(sentence.replaceAll(/[\][<>]/g, ' ')) });
  }

  done(): void {
    this.endText();
    this.response.end('data: [DONE]\r\n\r\n');
  }

  private endText(): void {
    this.endThinking();
    this.writeContent(this.contentSanitiser.end());
  }

  private endThinking(): void {
    this.writeThinking(this.thinkingSanitiser.end());
  }

  private writeContent(text: string): void {
    if (text === '' || this.contentLeft === 0) return;
    const cut = cutTo(text, this.contentLeft);
    // What a surrogate pair at the border leaves over is no place for anything.
    this.contentLeft = cut.length < text.length ? 0 : this.contentLeft - cut.length;
    if (cut !== '') this.event({ content: cut });
  }

  private writeThinking(text: string): void {
    if (text === '' || this.thinkingLeft === 0) return;
    const cut = cutTo(text, this.thinkingLeft);
    this.thinkingLeft = cut.length < text.length ? 0 : this.thinkingLeft - cut.length;
    if (cut !== '') this.event({ content: cut, reasoning: true });
  }

  private event(delta: SseDelta): void {
    this.response.write(`${this.head}${JSON.stringify(delta)},"index":0}]}\r\n\r\n`);
  }
}
