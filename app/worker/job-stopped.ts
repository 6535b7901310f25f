import { GridError } from '../protocol/errors.ts';

/** The owner of the worker ended a request: this one by hand, or all because the machine is needed. */
export class JobStopped extends Error {
  readonly code: 'not_sharing' | 'owner_back';

  constructor(code: 'not_sharing' | 'owner_back' = 'not_sharing') {
    super('the owner of the worker stopped this request');
    this.name = 'JobStopped';
    this.code = code;
  }

  /** what the other side is told */
  toGridError(): GridError {
    if (this.code === 'owner_back') return new GridError('owner_back');
    return new GridError('not_sharing', 'The owner of this worker stopped this request.');
  }
}
