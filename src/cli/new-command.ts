/** `obol new`: a project that builds, is tested and runs, in a folder of its own. */
import { parsedArgs, usageError, type Command } from './command.js';
import { choose, chooseInstall, runnerNamed, type Runner } from './new/choices.js';
import { installPackages, nextSteps, writeProject } from './new/make-project.js';
import { placeOf, type Place } from './new/place.js';
import { questionsAt } from './new/questions.js';

const HELP = `Usage: obol new <name> [options]

Makes a project in a new folder of that name: a controller, a service and a test, with what builds, runs, tests and
checks them. The name may be a path (apps/shop), have a scope (@me/shop), or be . for the folder you are in, if empty.

At a terminal you are asked for what you leave out. Elsewhere nothing is asked: it is the default then.

  -t, --test <runner>   what runs the tests: node (default), vitest or jest
  -p, --pages           pages with a form and a style sheet, in place of JSON
      --install         run npm install when the files are there
      --no-install      leave that to you (default)
  -y, --yes             ask nothing, also at a terminal

Exit codes: 0 done, 1 it could not be done (such as a folder that is not empty), 2 wrong usage.`;

const OPTIONS = {
  test: { type: 'string', short: 't' },
  pages: { type: 'boolean', short: 'p' },
  install: { type: 'boolean' },
  'no-install': { type: 'boolean' },
  yes: { type: 'boolean', short: 'y', default: false },
} as const;

export interface NewOptions {
  readonly place: Place;
  /** Undefined where it was left out. */
  readonly test: Runner | undefined;
  /** Undefined where it was left out. */
  readonly pages: boolean | undefined;
  /** Undefined where it was left out. */
  readonly install: boolean | undefined;
  readonly asks: boolean;
}

export const newCommand: Command = {
  summary: 'makes a project: a controller, a service, a test, and the tools',
  help: HELP,
  run: async (args, terminal) => {
    const { place, asks, install, ...given } = readNewOptions(args);
    const ask = asks ? questionsAt(process.stdin, process.stderr) : undefined;
    const choices = await choose(given, ask);
    const isInstalled = install ?? (await chooseInstall(ask));
    writeProject(place, choices, terminal);
    if (isInstalled) await installPackages(place, terminal);
    terminal.print(nextSteps(place, isInstalled));
  },
};

/** @throws CommandError 2 for a line that was written wrongly, 1 for a folder that is not empty */
export function readNewOptions(args: readonly string[]): NewOptions {
  const { values, positionals } = parsedArgs(args, OPTIONS);
  const [name, ...others] = positionals;
  if (name === undefined) throw usageError('Say how the project is called: obol new shop.');
  if (others.length > 0)
    throw usageError(
      `One project can be made, not ${positionals.map((each) => JSON.stringify(each)).join(' and ')}.`,
    );
  return {
    test: values.test === undefined ? undefined : runnerNamed(values.test),
    pages: values.pages,
    install: installIn(values.install, values['no-install']),
    asks: !values.yes,
    place: placeOf(name),
  };
}

function installIn(install: boolean | undefined, leave: boolean | undefined): boolean | undefined {
  if (install && leave) throw usageError('--install and --no-install exclude each other.');
  return leave ? false : install;
}
