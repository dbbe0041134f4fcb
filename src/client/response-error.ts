/** What a call throws for an answer that is no success, or that its contract does not have. */
import type { AnswerHeaders } from './types.js';

/** Problem details (RFC 9457), with whatever else stands in them. */
export interface Problem {
  readonly type?: string;
  readonly title?: string;
  readonly status?: number;
  readonly detail?: string;
  readonly instance?: string;
  /** What a contract refused: where, as a JSON pointer, and why. */
  readonly errors?: readonly { readonly in: string; readonly pointer: string; readonly detail: string }[];
  readonly [member: string]: unknown;
}

/** An answer, read. */
export interface AnyAnswer {
  readonly ok: boolean;
  readonly status: number;
  readonly data: unknown;
  readonly headers: AnswerHeaders;
}

/** An answer that a call cannot give. */
export class ResponseError extends Error {
  override readonly name = 'ResponseError';
  readonly status: number;
  readonly headers: AnswerHeaders;
  /** What the answer holds: JSON parsed, or text. */
  readonly data: unknown;
  /** What the answer says of it, where that is of `application/problem+json`. */
  readonly problem: Problem | undefined;

  /** @param asked method and path */
  constructor(asked: string, { status, headers, data }: AnyAnswer) {
    const problem = problemIn(headers, data);
    // Whatever the types say, it is what the server wrote.
    const why = [problem?.detail, problem?.title].find((text: unknown) => typeof text === 'string');
    super(`${asked} was answered with ${String(status)}${why === undefined ? '' : `: ${why}`}`);
    this.status = status;
    this.headers = headers;
    this.data = data;
    this.problem = problem;
  }
}

function problemIn(headers: AnswerHeaders, data: unknown): Problem | undefined {
  const isProblem = /^application\/problem\+json\b/i.test(headers.get('content-type') ?? '');
  return isProblem && typeof data === 'object' && data !== null ? (data as Problem) : undefined;
}
