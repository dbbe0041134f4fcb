/** `obol openapi`: writes the document of an application into a file, or finds out whether the file is the same still. */
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { CommandError, parsedArgs, usageError, type Command, type Terminal } from './command.js';
import { inspectModule, type Inspection } from './inspect.js';

const HELP = `Usage: obol openapi [--output <file>] [--check] [module]

Writes the OpenAPI document of an application that has openapi() of obol/openapi among its features. The module exports it
as app, or a function that makes it as createApp, or listens with it when it is loaded; nothing listens, and the application
is closed.
Default module: src/app.ts, src/main.ts, app.ts or main.ts, or one of these in JavaScript.

  -o, --output <file>  default openapi.json; YAML where it ends in .yaml or .yml; - for standard output
      --check          write nothing, and fail when the file differs
  -h, --help           print this

A module in TypeScript is loaded by what package.json names, "obol": { "loader": "tsx" }, by default by
@oxc-node/core/register or tsx, where one is installed.

Exit codes: 0 done, 1 the file differs, or the module gives no application with a document, 2 wrong usage.`;

const OPTIONS = {
  output: { type: 'string', short: 'o', default: 'openapi.json' },
  check: { type: 'boolean', default: false },
} as const;

export const openapiCommand: Command = {
  summary: 'writes the OpenAPI document of an application',
  help: HELP,
  run: async (args, terminal) => {
    const { values, positionals } = parsedArgs(args, OPTIONS);
    const { output, check } = values;
    if (positionals.length > 1) throw usageError('One module can be named.');
    if (output === '') throw usageError('--output names a file.');
    if (check && output === '-') throw usageError('--check compares with a file.');
    const { document } = await inspectModule(positionals[0]);
    if (!document)
      throw new CommandError('The application has no openapi() of obol/openapi among its features.', 1);
    const text = textFor(output, document);
    if (check) compare(output, text, terminal, positionals[0]);
    else if (output === '-') terminal.print(text.trimEnd());
    else await write(output, text);
  },
};

/** With a line break at its end. */
function textFor(output: string, { json, yaml }: NonNullable<Inspection['document']>): string {
  return /\.ya?ml$/i.test(output) ? yaml : `${JSON.stringify(json, undefined, 2)}\n`;
}

/** @throws CommandError 1 where nothing can be written there */
async function write(output: string, text: string): Promise<void> {
  try {
    await writeFile(output, text);
  } catch (cause) {
    throw new CommandError(`${JSON.stringify(output)} cannot be written: ${String(cause)}`, 1, { cause });
  }
}

/** @throws CommandError 1 where the file is another, or none */
function compare(output: string, text: string, terminal: Terminal, module: string | undefined): void {
  const present = readText(output);
  if (present !== text) {
    const difference =
      present === undefined ? `There is no ${output}` : `${output} is not what the application says now`;
    const command = ['obol openapi -o', output, ...(module === undefined ? [] : [module])].join(' ');
    throw new CommandError(`${difference}. Write it with ${command}.`, 1);
  }
  terminal.print(`${output} is what the application says.`);
}

function readText(path: string): string | undefined {
  try {
    // Git on Windows may have changed the ends of lines.
    return readFileSync(path, 'utf8').replaceAll('\r\n', '\n');
  } catch {
    return undefined;
  }
}
