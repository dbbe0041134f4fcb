/** A contract at work: what of a request it validates, and what it makes of the value of a handler. */
import { isInstance } from '../ground/brand.js';
import { Reply } from '../message/reply.js';
import type { BodyOptions } from '../message/request-body.js';
import type { Request } from '../message/request.js';
import { isChecked } from '../schema/check-schema.js';
import { isSchema } from '../schema/standard-schema.js';
import { assertContract } from './assert-contract.js';
import { isEach, returnsOf, type Contract, type Entry, type ReturnsByStatus } from './contract.js';
import { formOptionsOf } from './file.js';
import { answerOf, isReady, optionsOf, undeclared } from './given.js';
import { judgeLater, stepsOf, type Step } from './judges.js';
import { note, validOf, type Findings, type Validated } from './refusals.js';

/** A contract, made ready for requests. */
export class RouteContract {
  readonly contract: Contract;
  /** What the handler gives, by status; undefined where the contract does not say. */
  readonly returns: ReturnsByStatus | undefined;
  readonly #steps: readonly Step[];
  /** The status of a value that comes without one. */
  readonly #plain: number;

  constructor(contract: Contract) {
    this.contract = contract;
    this.#steps = stepsOf(contract);
    this.returns = returnsOf(contract);
    this.#plain = plainStatus(this.returns);
  }

  /** How a body is read, of which the contract may say more than the route: one that it has no schema for is refused unread. */
  bodyOptions(own: BodyOptions | undefined): BodyOptions | undefined {
    const { body, form } = this.contract;
    if (form) {
      const options = { ...formOptionsOf(form), ...(own?.form === false ? {} : own?.form) };
      return { json: false, data: false, ...own, form: options };
    }
    return body ? { form: false, data: false, ...own } : own;
  }

  /** What a body is to it, a form or whatever else. */
  get bodyPart(): 'body' | 'form' {
    return this.contract.form ? 'form' : 'body';
  }

  /** Whether it judges anything of a request. */
  get isTaking(): boolean {
    return this.#steps.length > 0;
  }

  /**
   * The validated parts of a request whose body has been read.
   * @throws HttpError 422 for parts that do not fit, with a pointer to each mistake; 400 for an empty body, 415 for one of another type
   */
  validate(request: Request): Validated | Promise<Validated> {
    const findings: Findings = { valid: {}, refused: [] };
    for (const [at, [part, judge]] of this.#steps.entries()) {
      const checked = judge(request);
      if (!isChecked(checked))
        return judgeLater([part, checked], this.#steps.slice(at + 1), request, findings);
      note(findings, part, checked);
    }
    return validOf(findings);
  }

  /**
   * What a handler's value is answered with: with its status, and checked where the application does so.
   * @throws ObolError E_CONTRACT for a value that the contract does not have
   */
  answer(value: unknown, request: Request): unknown {
    const returns = this.returns;
    if (!returns || isReady(value)) return value;
    const reply = isInstance(value, Reply) ? value : undefined;
    const data: unknown = reply ? reply.data : value;
    if (reply && isReady(data)) return value;
    const status = reply?.status ?? this.#statusOf(data, returns);
    const entry = this.#entryOf(status, returns);
    const { checkReturns } = request.settings;
    if (entry !== undefined) return answerOf(data, entry, optionsOf(reply, status), checkReturns);
    if (checkReturns) throw undeclared(status, returns);
    return value;
  }

  toJSON(): { takes: string[]; returns: string[] } {
    const returns = [...(this.returns?.keys() ?? [])].map(String);
    return { takes: this.#steps.map(([part]) => part), returns };
  }

  /** A schema alone is that of every success. */
  #entryOf(status: number, byStatus: ReturnsByStatus): Entry | undefined {
    if (byStatus.has(status)) return byStatus.get(status);
    const { returns } = this.contract;
    return status < 300 && (isSchema(returns) || isEach(returns)) ? returns : undefined;
  }

  #statusOf(data: unknown, returns: ReturnsByStatus): number {
    const isNothing = data === null || data === undefined;
    if (isNothing && returns.has(204)) return 204;
    return isNothing && returns.has(205) ? 205 : this.#plain;
  }
}

/** A contract, made ready; undefined for none. @throws ObolError E_CONTRACT for what is none */
export function routeContract(contract: unknown): RouteContract | undefined {
  if (contract === undefined) return undefined;
  assertContract(contract);
  return new RouteContract(contract);
}

/** The lowest 2xx that has content. */
function plainStatus(returns: ReturnsByStatus | undefined): number {
  const statuses = [...(returns ?? [])].flatMap(([status, entry]) =>
    entry !== null && status < 300 ? status : [],
  );
  return Math.min(...statuses, Infinity) === Infinity ? 200 : Math.min(...statuses);
}
