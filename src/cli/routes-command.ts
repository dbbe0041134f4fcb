/** `obol routes`: the routes of an application, as a table or as JSON. */
import { parsedArgs, usageError, type Command } from './command.js';
import { inspectModule } from './inspect.js';

const HELP = `Usage: obol routes [--json | --client] [module]

Prints the routes of an application, with their guards. The module exports it as app, or a function that makes it as
createApp, or listens with it when it is loaded; nothing listens, and the application is closed. Default module: src/app.ts,
src/main.ts, app.ts or main.ts, or one of these in JavaScript.

      --json    print all that is known of them
      --client  print the module of paths that typed clients in browsers take (obol/client)
  -h, --help    print this

A module in TypeScript is loaded by what package.json names, "obol": { "loader": "tsx" }, by default by
@oxc-node/core/register or tsx, where one is installed.

Exit codes: 0 done, 1 the module gives no application, 2 wrong usage.`;

export const routesCommand: Command = {
  summary: 'prints the routes of an application',
  help: HELP,
  run: async (args, terminal) => {
    const flag = { type: 'boolean' } as const;
    const { values, positionals } = parsedArgs(args, { json: flag, client: flag });
    if (positionals.length > 1) throw usageError('One module can be named.');
    if (values.json && values.client) throw usageError('--json and --client are two outputs; name one.');
    const { routes, table, client } = await inspectModule(positionals[0]);
    terminal.print(
      values.json ? JSON.stringify(routes, undefined, 2) : values.client ? client.trimEnd() : table,
    );
  },
};
