import type { Bridge } from '../../app/contract/bridge.ts';
import type { WindowName } from '../../app/contract/commands.ts';

const OLLAMA_DOWNLOAD = 'https://ollama.com/download';

/** What is done by the app's main process in the app and by the page itself in a browser. */
export interface Shell {
  readonly kind: Bridge['shell'];
  openWindow(window: WindowName, page?: string): Promise<void>;
  hidePopover(): Promise<void>;
  openOllamaDownload(): Promise<void>;
  copyRouterAddress(address: string): Promise<void>;
  copyText(text: string): Promise<void>;
  saveFile(fileName: string, mimeType: string, text: string): void;
}

export function createShell(bridge: Bridge, page: Window & typeof globalThis): Shell {
  const isApp = bridge.shell === 'app';

  async function copyText(text: string): Promise<void> {
    try {
      await page.navigator.clipboard.writeText(text);
    } catch {
      // The app's windows are denied every permission, the clipboard's too; copying a selection needs none.
      copySelection(page.document, text);
    }
  }

  return {
    kind: bridge.shell,
    copyText,
    async openWindow(window, target) {
      if (isApp) await bridge.command('showWindow', target === undefined ? { window } : { window, page: target });
      else page.location.hash = window === 'dashboard' ? `#/dashboard/${target ?? 'overview'}` : `#/${window}`;
    },
    async hidePopover() {
      if (isApp) await bridge.command('hidePopover', {});
    },
    async openOllamaDownload() {
      if (isApp) await bridge.command('openLink', { link: 'ollama' });
      else page.open(OLLAMA_DOWNLOAD, '_blank', 'noopener,noreferrer');
    },
    async copyRouterAddress(address) {
      if (isApp) await bridge.command('copyRouterAddress', {});
      else await copyText(address);
    },
    saveFile(fileName, mimeType, text) {
      const url = page.URL.createObjectURL(new Blob([text], { type: mimeType }));
      const link = page.document.createElement('a');
      link.href = url;
      link.download = fileName;
      link.click();
      page.URL.revokeObjectURL(url);
    },
  };
}

function copySelection(document: Document, text: string): void {
  const field = document.createElement('textarea');
  field.value = text;
  field.className = 'visually-hidden';
  const before = document.activeElement;
  // A dialog traps the focus inside itself, so the field has to be in there too.
  (before?.closest('[role=dialog]') ?? document.body).append(field);
  field.select();
  const copied = document.execCommand('copy');
  field.remove();
  if (before instanceof HTMLElement) before.focus();
  if (!copied) throw new Error('the clipboard refused the text');
}
