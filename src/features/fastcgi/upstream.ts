/** Has scripts run for requests, and says what went wrong where one gives no answer. */
import { HttpError, requestName, type Request, type Response } from '../../kit.js';
import { metaVariables } from '../cgi/meta-variables.js';
import { answerOf } from '../cgi/script-answer.js';
import { BadOutput } from '../cgi/script-head.js';
import { inputOf, type ScriptInput } from '../cgi/script-input.js';
import type { Script } from '../cgi/script.js';
import { signalOfEnd } from '../processes/end-of-request.js';
import type { Exchange } from './exchange.js';
import { FastcgiError } from './fastcgi-error.js';
import { nameValues } from './name-values.js';
import type { FastcgiPlan } from './options.js';
import { FastcgiServer } from './server.js';

/** All scripts of one handler: they share its server. */
export class Upstream {
  readonly #plan: FastcgiPlan;
  readonly #server: FastcgiServer;

  constructor(plan: FastcgiPlan) {
    this.#plan = plan;
    this.#server = new FastcgiServer(plan.server);
  }

  /**
   * Answers with what a script gives.
   * @throws HttpError 413; 502 where there is no right answer, 503 when there is too much to do, 504 when it took too long
   */
  async run(request: Request, script: Script): Promise<Response> {
    const input = await inputOf(request, this.#plan.scripts.maxBody);
    let exchange: Exchange | undefined;
    try {
      exchange = await this.#ask(request, script, input);
      void exchange.freed.then(() => input.close());
      return await answerOf(exchange, request, false);
    } catch (error) {
      exchange?.stop();
      await input.close();
      throw failureOf(error, request, script);
    }
  }

  #ask(request: Request, script: Script, input: ScriptInput): Promise<Exchange> {
    const { scripts: plan, params } = this.#plan;
    const variables = metaVariables(request, { script, length: input.length, plan });
    return this.#server.ask({
      params: nameValues({ ...variables, ...params }),
      input: input.stream(),
      mayRepeat: !input.source && request.isIdempotent,
      signal: signalOfEnd(request),
      onErrorLine: (line) => {
        request.log.warn(`${requestName(request)}: ${line}`);
      },
    });
  }
}

/** What the client gets; what concerns the developer goes to the log. */
function failureOf(error: unknown, request: Request, { filename }: Script): unknown {
  if (!(error instanceof BadOutput) && !(error instanceof FastcgiError)) return error;
  request.log.error(`${requestName(request)}: ${filename} gave ${error.message}`);
  const status = error instanceof FastcgiError ? error.status : 502;
  const headers = { ...(status === 503 && { 'Retry-After': '1' }) };
  return new HttpError(status, undefined, { cause: error, headers });
}
