import type { Response } from 'express';

export class HangUp extends Error {
  constructor() {
    super('the client hung up');
    this.name = 'HangUp';
  }
}

/** Aborts, with a HangUp as the reason, when the client is gone before its answer was sent whole. Others may abort it too. */
export function hangUpController(response: Response): AbortController {
  const controller = new AbortController();
  response.on('close', () => {
    if (!response.writableFinished) controller.abort(new HangUp());
  });
  return controller;
}

export function hangUpSignal(response: Response): AbortSignal {
  return hangUpController(response).signal;
}
