import type { ComponentProps } from 'react';
import './button.css';

export interface ButtonProps extends ComponentProps<'button'> {
  /** 'primary' for the one thing a view is for; 'danger' for what cannot be undone; 'plain' inside of text and rows */
  readonly look?: 'normal' | 'primary' | 'danger' | 'plain';
  readonly small?: boolean;
}

export function Button({ look = 'normal', small = false, className, type = 'button', ...rest }: ButtonProps) {
  const classes = ['button', `button-${look}`, small ? 'button-small' : '', className ?? ''].filter(Boolean).join(' ');
  return <button type={type} className={classes} {...rest} />;
}
