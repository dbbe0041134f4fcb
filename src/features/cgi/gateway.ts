/** Runs scripts for requests, and says what went wrong where one gives no answer. */
import { HttpError, requestName, type Request, type Response } from '../../kit.js';
import { signalOfEnd } from '../processes/end-of-request.js';
import { EXHAUSTED } from '../processes/exhausted.js';
import { ProgramError } from '../processes/program-error.js';
import { Programs } from '../processes/programs.js';
import type { RunningProgram } from '../processes/running-program.js';
import { indexedArguments } from './indexed-query.js';
import { metaVariables } from './meta-variables.js';
import type { CgiPlan } from './options.js';
import { isNph, type Script } from './script.js';
import { answerOf } from './script-answer.js';
import { BadOutput } from './script-head.js';
import { inputOf, type ScriptInput } from './script-input.js';

const HINT =
  'The system refused it (EACCES): a server that is root runs scripts as user 65534, who must be able to read them and their folder.';

/** All scripts of one handler: they share its limits. */
export class Gateway {
  readonly #plan: CgiPlan;
  readonly #programs: Programs;

  constructor(plan: CgiPlan) {
    this.#plan = plan;
    this.#programs = new Programs(plan.programs);
  }

  /**
   * Answers with what a script gives.
   * @throws HttpError 413; 403 for a script that may not be run, 502 for one that gives no right answer, 503 when too many run,
   * 504 when it took too long
   */
  async run(request: Request, script: Script): Promise<Response> {
    const input = await inputOf(request, this.#plan.maxBody);
    let program: RunningProgram | undefined;
    try {
      try {
        program = await this.#start(request, script, input);
      } finally {
        await input.close();
      }
      return await answerOf(program, request, isNph(script));
    } catch (error) {
      program?.stop();
      throw failureOf(error, request, script);
    }
  }

  #start(request: Request, script: Script, { source, length }: ScriptInput): Promise<RunningProgram> {
    const isIndexed = this.#plan.indexedQuery && (request.method === 'GET' || request.method === 'HEAD');
    return this.#programs.start({
      file: script.file,
      args: isIndexed ? [...script.args, ...indexedArguments(request.query)] : script.args,
      cwd: script.cwd,
      env: metaVariables(request, { script, length, plan: this.#plan }),
      input: source,
      signal: signalOfEnd(request),
      onErrorLine: (line) => {
        request.log.warn(`${requestName(request)}: ${line}`);
      },
    });
  }
}

/** What the client gets; what concerns the developer goes to the log. */
function failureOf(error: unknown, request: Request, { filename }: Script): unknown {
  const failure = answerTo(error);
  if (failure && failure.status >= 500)
    request.log.error(`${requestName(request)}: ${filename} gave ${(error as Error).message}`);
  return failure ?? error;
}

function answerTo(error: unknown): HttpError | undefined {
  if (error instanceof BadOutput) return new HttpError(502, undefined, { cause: error });
  if (!(error instanceof ProgramError) || error.reason === 'stopped') return undefined;
  if (error.reason === 'time') return new HttpError(504, undefined, { cause: error });
  const { systemCode } = error;
  if (systemCode === 'EACCES') return new HttpError(403, 'This may not be run', { cause: error, hint: HINT });
  if (EXHAUSTED.has(systemCode))
    return new HttpError(503, undefined, { cause: error, headers: { 'Retry-After': '1' } });
  return new HttpError(502, undefined, { cause: error });
}
