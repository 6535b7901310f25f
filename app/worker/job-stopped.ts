export class JobStopped extends Error {
  constructor() {
    super('the owner of the worker stopped this request');
    this.name = 'JobStopped';
  }
}
