import { PAGE_ORIGIN } from './pages/page-path.ts';

/** What Electron says about whoever sent a message. */
export interface Sender {
  /** one of the windows this app made and still has */
  readonly isOurWindow: boolean;
  /** undefined when the frame is gone */
  readonly frame: { readonly url: string; readonly isMain: boolean } | undefined;
}

/** All three have to hold: a frame inside our page, or another page inside our window, is a stranger. */
export function isTrustedSender({ isOurWindow, frame }: Sender): boolean {
  if (!isOurWindow || !frame?.isMain) return false;
  const prefix = `${PAGE_ORIGIN}/`;
  return frame.url.startsWith(prefix);
}
