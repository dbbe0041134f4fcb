/** The other half of a circle of files and of objects. */
import { Injectable, lazy } from 'obol';
import { Members } from './services.ts';

@Injectable(lazy(() => Members))
export class Registry {
  readonly name = 'the registry';
  readonly #members: Members;

  constructor(members: Members) {
    this.#members = members;
  }

  get title(): string {
    return this.#members.title;
  }
}
