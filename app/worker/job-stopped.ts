import { GridError } from '../protocol/errors.ts';

export class JobStopped extends Error {
  /** what the other side is told */
  readonly error: GridError;

  constructor(reason?: GridError) {
    super('the owner of the worker stopped this request');
    this.error = reason ?? new GridError('not_sharing', 'The owner of this worker stopped this request.');
    this.name = 'JobStopped';
  }
}
