/** The issues of the tracker, in memory. */
import { abort, Injectable } from 'obol';
import type { Issue } from './shapes.js';

interface Draft {
  readonly title: string;
  readonly labels?: readonly string[] | undefined;
  readonly due?: string | undefined;
}

@Injectable()
export class Issues {
  readonly #all = new Map<number, Issue>();
  #last = 0;

  add({ title, labels = [], due = '' }: Draft): Issue {
    const issue = { id: ++this.#last, title, labels: [...labels], due: due || null, comments: [] };
    this.#all.set(issue.id, issue);
    return issue;
  }

  /** @throws HttpError 404 */
  find(id: number): Issue {
    return this.#all.get(id) ?? abort(404, `There is no issue ${id}`);
  }

  put(issue: Issue): Issue {
    this.#all.set(issue.id, issue);
    return issue;
  }

  /** Those behind an issue, in their order. */
  *behind(id: number): Generator<Issue> {
    for (const issue of this.#all.values()) if (issue.id > id) yield issue;
  }
}
