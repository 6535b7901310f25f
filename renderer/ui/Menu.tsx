import { Menu as BaseMenu } from '@base-ui/react/menu';
import type { ReactNode } from 'react';
import { MenuPopup, type MenuChoice } from './MenuPopup.tsx';

export interface MenuProps {
  /** what the button shows */
  readonly children: ReactNode;
  readonly triggerClass: string;
  readonly choices: readonly MenuChoice[];
}

export function Menu({ children, triggerClass, choices }: MenuProps) {
  return (
    <BaseMenu.Root>
      <BaseMenu.Trigger className={triggerClass}>{children}</BaseMenu.Trigger>
      <MenuPopup choices={choices} />
    </BaseMenu.Root>
  );
}
