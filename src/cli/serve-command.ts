/** `obol serve`: a directory over HTTP, for the moment and for the people around. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { oneLine } from '../ground/log/one-line.js';
import { commonLogLine } from '../hosts/node/access-log.js';
import { listen } from '../hosts/node/listen.js';
import type { ListenOptions } from '../hosts/node/options.js';
import { isLoopback, placesOf } from './addresses.js';
import { CommandError, type Command, type Terminal } from './command.js';
import { openBrowser } from './open-browser.js';
import { serveHandler } from './serve-handler.js';
import { SERVE_HELP } from './serve-help.js';
import { readServeOptions, type ServeOptions } from './serve-options.js';
import { readTlsFiles } from './tls-files.js';

type Server = Awaited<ReturnType<typeof listen>>;

export const serveCommand: Command = {
  summary: 'serves the files of a directory',
  help: SERVE_HELP,
  run: async (args, terminal) => {
    await serve(readServeOptions(args, terminal.env), terminal);
  },
};

/** The user who presses Ctrl-C waits: what is idle goes at once, a download gets a moment. */
const ENDING = { drainLinger: 50, drainTimeout: 3000 } as const;

/** Listens, and says where. @throws CommandError when it cannot */
export async function serve(options: ServeOptions, terminal: Terminal): Promise<Server> {
  const listenOptions = listenOptionsOf(options, terminal);
  const { server, isLocal } = await start(options, listenOptions);
  const { here, elsewhere } = placesOf(server.url, options.host);
  terminal.print(oneLine(`Serving ${options.directory} at ${here} (Ctrl-C to stop)`));
  for (const place of elsewhere) terminal.print(`  also at ${place}`);
  for (const note of notesOn(options, isLocal)) terminal.warn(`Note: ${note}`);
  if (options.open)
    openBrowser(here, terminal.env, (why) => {
      terminal.warn(oneLine(`Note: no browser was opened: ${why}`));
    });
  return server;
}

async function start(
  options: ServeOptions,
  listenOptions: ListenOptions,
): Promise<{ server: Server; isLocal: boolean }> {
  try {
    const isLocal = await isLoopback(options.host);
    return { server: await listen(serveHandler({ ...options, isLocal }), listenOptions), isLocal };
  } catch (error) {
    throw cannotListen(error as NodeJS.ErrnoException, options);
  }
}

function listenOptionsOf(options: ServeOptions, terminal: Terminal): ListenOptions {
  const { port, host, tls, quiet, isHttp10 } = options;
  return {
    ...ENDING,
    port,
    host,
    ...(tls && { tls: readTlsFiles(tls) }),
    ...(isHttp10 && { maxRequestsPerSocket: 1 }),
    ...(!quiet && {
      accessLog: (entry) => {
        terminal.print(commonLogLine(entry));
      },
    }),
  };
}

function* notesOn(options: ServeOptions, isLocal: boolean): Generator<string> {
  const { credentials, tellsPassword, tls, spa, cgi, directory } = options;
  if (tellsPassword)
    yield 'others on this computer can see the password among the arguments; OBOL_AUTH=user:password keeps it.';
  if (credentials && !tls && !isLocal) yield 'name and password travel in clear; --tls-cert protects them.';
  if (spa && !existsSync(join(directory, 'index.html')))
    yield 'there is no index.html yet, which --spa answers with.';
  if (cgi && !cgi.some((path) => existsSync(join(directory, path))))
    yield `there is no folder ${cgi.map((path) => path.slice(1)).join(' or ')} yet, whose scripts --cgi runs.`;
}

function cannotListen({ code, message }: NodeJS.ErrnoException, options: ServeOptions): CommandError {
  const { port, host } = options;
  const next = String(port < 65535 ? port + 1 : 8000);
  const why = new Map([
    [
      'EADDRINUSE',
      `Port ${String(port)} of ${host} is in use; take another, such as --port ${next}, or any by --port 0.`,
    ],
    ['EACCES', `Port ${String(port)} needs privileges; take one from 1024 on, such as --port 8000.`],
    ['EADDRNOTAVAIL', `${host} is no address of this computer; see --bind.`],
    ['ENOTFOUND', `${host} is an unknown name; see --bind.`],
  ]);
  return new CommandError(why.get(code ?? '') ?? `Cannot listen: ${message}.`, 1);
}
