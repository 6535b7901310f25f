import { Menu } from '@base-ui/react/menu';
import { useEffect, useState } from 'react';
import { MenuPopup, type MenuChoice } from './MenuPopup.tsx';

export interface AnchoredMenuProps {
  /** the button it was opened from; null while it is closed */
  readonly anchor: HTMLElement | null;
  readonly choices: readonly MenuChoice[];
  readonly onClose: () => void;
}

/** One menu for many buttons: a long list cannot afford a menu in every row that scrolls by. */
export function AnchoredMenu({ anchor, choices, onClose }: AnchoredMenuProps) {
  // Stays in its place while it fades out.
  const [last, setLast] = useState(anchor);
  useEffect(() => {
    if (anchor) setLast(anchor);
  }, [anchor]);
  return (
    <Menu.Root open={anchor !== null} onOpenChange={(isOpen) => !isOpen && onClose()}>
      <MenuPopup choices={choices} anchor={anchor ?? last} />
    </Menu.Root>
  );
}
