import { Dialog } from '@base-ui/react/dialog';
import type { ReactNode } from 'react';
import './panel.css';

export interface PanelProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly children: ReactNode;
  /** 'drawer' slides in from the right and keeps the page in sight; 'sheet' asks for an answer */
  readonly kind: 'drawer' | 'sheet';
}

/** A dialog: Esc and a click beside it close it, the focus stays inside and goes back where it came from. */
export function Panel({ open, onClose, title, children, kind }: PanelProps) {
  return (
    <Dialog.Root open={open} onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="panel-backdrop" />
        <Dialog.Popup className={`panel panel-${kind}`}>
          <header className="panel-head">
            <Dialog.Title className="panel-title">{title}</Dialog.Title>
            {kind === 'drawer' && (
              <Dialog.Close className="panel-close" aria-label="Close">
                ×
              </Dialog.Close>
            )}
          </header>
          {children}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
