import { Menu } from '@base-ui/react/menu';
import './menu.css';

export interface MenuChoice {
  readonly text: string;
  readonly onChoose: () => void;
  readonly danger?: boolean;
}

/** Menus hang in the page's main part: what hangs beside it is in no landmark. */
const mainPart = {
  get current() {
    return document.querySelector('main');
  },
};

export interface MenuPopupProps {
  readonly choices: readonly MenuChoice[];
  /** where it hangs when it has no trigger of its own */
  readonly anchor?: HTMLElement | null;
}

/** What opens: the choices, in a place beside their button. */
export function MenuPopup({ choices, anchor }: MenuPopupProps) {
  return (
    <Menu.Portal container={mainPart}>
      <Menu.Positioner className="menu-place" sideOffset={4} align="end" {...(anchor ? { anchor } : {})}>
        <Menu.Popup className="menu" finalFocus={anchor ? () => anchor : true}>
          {choices.map((choice) => (
            <Menu.Item
              key={choice.text}
              className={choice.danger ? 'menu-item menu-item-danger' : 'menu-item'}
              onClick={choice.onChoose}
            >
              {choice.text}
            </Menu.Item>
          ))}
        </Menu.Popup>
      </Menu.Positioner>
    </Menu.Portal>
  );
}
