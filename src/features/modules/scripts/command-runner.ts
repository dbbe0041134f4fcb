/** `CommandRunner`: a script offered as a page, with a form made of its arguments. */
import { basename } from 'node:path';
import {
  checkOptions,
  type Handler,
  HttpError,
  MethodNotAllowed,
  type Request,
  Response,
} from '../../../kit.js';
import { csrfField, csrfWithin } from '../../csrf/csrf.js';
import { parseEntries } from '../call.js';
import { tokenInCall } from '../read-call.js';
import type { ScriptArgument } from './argument.js';
import { eventAnswer, jsonAnswer, pageAnswer } from './answers.js';
import { commandLine } from './command-line.js';
import { formPage, type ScriptView } from './form-page.js';
import { ScriptProgram } from './script-run.js';
import { assertArguments, SCRIPT_RULES, type ScriptOptions } from './script.js';
import { checkValues, firstValues, formValues, jsonValues, type Values } from './values.js';

/** What was asked for, and how it is answered. */
interface Asked {
  readonly values: Values;
  readonly type: 'text/html' | 'application/json' | 'text/event-stream';
}

/**
 * Runs a program without a shell for who sends its form, or a JSON body such as `{"arguments": {"--count": {"value": 3}}}`.
 * GET answers the page of the form. POST runs the program with the values, each checked by its argument, and answers its output as
 * it comes: within the page, as server-sent events (`Accept: text/event-stream`), or as JSON when it is over. When the client
 * leaves, the program is ended with all that it has started.
 *
 * It is a handler, to be mounted or routed; `scripts()` does that for several, and puts guards before them.
 *
 * @example
 * ```ts
 * const greet = new CommandRunner({ command: ['./greet.sh'], arguments: [{ name: 'name', required: true }] });
 * await bootstrap({ controllers, middleware: [mount('/greet', greet)] });
 * ```
 */
export class CommandRunner {
  /** The heading of its page. */
  readonly title: string;
  /** What stands below it. */
  readonly description: string;
  /** Answers GET, HEAD and POST. @throws HttpError 400, 403, 405, 413, 415, 503 */
  readonly handle: Handler;
  readonly #options: ScriptOptions;
  readonly #program: ScriptProgram;

  /** @throws ObolError E_SETTING for a wrong option */
  constructor(options: ScriptOptions) {
    checkOptions('CommandRunner', options, SCRIPT_RULES);
    const { command, arguments: known = [], title, description = '' } = options;
    assertArguments('CommandRunner', known);
    this.title = title ?? basename(command[0] ?? '');
    this.description = description;
    this.#options = options;
    this.#program = new ScriptProgram(options);
    const protect = csrfWithin(options.csrf ?? {}, tokenInJson);
    this.handle = (request) => protect(request, this.#answer);
  }

  /** Ends all that run, and turns away who waits. */
  close(): Promise<void> {
    return this.#program.close();
  }

  readonly #answer = (request: Request): Response | Promise<Response> => {
    const { method } = request;
    if (method === 'GET' || method === 'HEAD') return this.#page(request);
    if (method === 'POST') return this.#run(request);
    throw new MethodNotAllowed({ allow: ['GET', 'HEAD', 'POST'], method });
  };

  #page(request: Request): Response {
    return new Response(formPage(this.#view(request, firstValues(this.#known))));
  }

  async #run(request: Request): Promise<Response> {
    const { values, type } = await this.#read(request);
    try {
      checkValues(values, this.#known);
      const line = commandLine(this.#known, values, this.#options.separator);
      // Before it starts: what fails here must leave nothing running.
      const view = type === 'text/html' ? this.#view(request, values) : undefined;
      const events = await this.#program.run(line, request);
      if (view) return pageAnswer(events, view);
      return type === 'application/json' ? await jsonAnswer(events) : eventAnswer(events);
    } catch (error) {
      if (type !== 'text/html' || !(error instanceof HttpError) || error.status !== 400) throw error;
      const page = formPage({ ...this.#view(request, values), notice: error.message });
      return new Response(page, { status: 400 });
    }
  }

  /** @throws HttpError 400, 413 or 415 for a body that is neither form nor JSON */
  async #read(request: Request): Promise<Asked> {
    if (isJson(request)) {
      const type = request.accepts('application/json', 'text/event-stream') ?? 'application/json';
      return { values: jsonValues(parseEntries(await request.readText()), this.#known), type };
    }
    const type = request.accepts('text/html', 'application/json', 'text/event-stream') ?? 'text/html';
    return { values: formValues(await request.readForm(), this.#known), type };
  }

  get #known(): readonly ScriptArgument[] {
    return this.#options.arguments ?? [];
  }

  #view(request: Request, values: Values): ScriptView {
    const { title, description } = this;
    return {
      ...{ title, description, values },
      arguments: this.#known,
      token: csrfField(request),
      nonce: request.cspNonce,
    };
  }
}

function isJson({ mimeType }: Request): boolean {
  return mimeType === 'application/json' || mimeType.endsWith('+json');
}

function tokenInJson(request: Request): ReturnType<typeof tokenInCall> {
  return isJson(request) ? tokenInCall(request) : undefined;
}
