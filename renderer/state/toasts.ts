import { Toast } from '@base-ui/react/toast';
import { readFailure } from './command-error.ts';

export const toasts = Toast.createToastManager();

/** A refused command in the failure's own words. */
export function showFailure(thrown: unknown): void {
  const { message, hint } = readFailure(thrown);
  toasts.add({ title: message, description: hint, type: 'failure', priority: 'high' });
}

export function showDone(title: string): void {
  toasts.add({ title, timeout: 2_500 });
}

/** Long enough to notice a slip and to reach for the button. */
export function showUndo(title: string, undo: () => void): void {
  const toast = toasts.add({
    title,
    timeout: 10_000,
    actionProps: {
      children: 'Undo',
      onClick: () => {
        toasts.close(toast);
        undo();
      },
    },
  });
}
