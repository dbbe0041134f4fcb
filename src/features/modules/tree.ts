/** The tree of modules: read once, when it is put together, so that nothing is looked up by a name that a client sends. */
import { inspect } from 'node:util';
import { ObolError } from '../../kit.js';
import { isReachableName } from './names.js';
import { pageNames, type Page } from './pages.js';
import { EXPOSE, WEB_MODULE, type ExposeRecord, type ModuleClass } from './web-module.js';

/** A method that can be reached. */
interface ExposedMethod extends ExposeRecord {
  readonly property: string;
  /** Where it is decorated. */
  readonly place: string;
}

/** A module at its place in the tree. */
export interface ModuleNode {
  readonly controller: ModuleClass;
  readonly name: string;
  /** Where it is decorated. */
  readonly place: string;
  /** Such as `/Example/Tests`. */
  readonly path: string;
  readonly methods: readonly ExposedMethod[];
  readonly pages: readonly Page[];
  /** Whether the pages are for the whole application. */
  readonly isEverywhere: boolean;
}

/** Takes a mistake. */
type Report = (mistake: string) => void;

/** Where modules stand. */
interface Branch {
  readonly path: string;
  /** The modules that they are below. */
  readonly above: readonly ModuleClass[];
  /** Names that are taken already. */
  readonly names: Set<string>;
  readonly report: Report;
}

/**
 * All modules of a tree, each as often as it stands in it.
 * @throws ObolError E_MODULE with all that is wrong with names, children and pages
 */
export function readTree(modules: readonly ModuleClass[]): ModuleNode[] {
  const mistakes: string[] = [];
  const report: Report = (mistake) => void mistakes.push(mistake);
  const nodes = [...readBranch(modules, { path: '', above: [], names: new Set(), report })];
  findPagesTwice(nodes, report);
  if (mistakes.length > 0) throw new ObolError('E_MODULE', mistakes.join('\n'));
  return nodes;
}

function* readBranch(modules: readonly ModuleClass[], branch: Branch): Iterable<ModuleNode> {
  for (const controller of modules) {
    const node = readNode(controller, branch);
    if (!node) continue;
    yield node;
    yield* readBranch(childrenOf(controller), {
      path: node.path,
      above: [...branch.above, controller],
      names: new Set(node.methods.map(({ property }) => property)),
      report: branch.report,
    });
  }
}

function readNode(controller: ModuleClass, { path, above, names, report }: Branch): ModuleNode | undefined {
  const [record] = typeof controller === 'function' ? WEB_MODULE.ofOwnClass(controller) : [];
  const mistake = record
    ? whyNotHere(record.value.name, { isBelowItself: above.includes(controller), names })
    : 'it is not decorated with @WebModule(...); decorate the class itself, a decorated base does not count';
  if (!record || mistake !== undefined) {
    report(
      `The module ${shown(controller)}${path && ` below "${path}"`} cannot be mounted: ${mistake ?? ''}.`,
    );
    return undefined;
  }
  const { name, pages = 'everywhere' } = record.value;
  names.add(name);
  return {
    controller,
    name,
    place: String(record.place),
    path: `${path}/${name}`,
    methods: readMethods(controller, report),
    pages: pageNames(controller, report),
    isEverywhere: pages === 'everywhere',
  };
}

/** The modules below one. */
export function childrenOf(controller: ModuleClass): readonly ModuleClass[] {
  return WEB_MODULE.ofOwnClass(controller)[0]?.value.children ?? [];
}

function whyNotHere(
  name: string,
  { isBelowItself, names }: { readonly isBelowItself: boolean; readonly names: ReadonlySet<string> },
): string | undefined {
  if (isBelowItself) return 'it stands below itself; take it from the children there';
  if (!isReachableName(name)) return unreachable(name);
  if (names.has(name))
    return `the name ${inspect(name)} is taken there, by a module or a method; give it another`;
  return undefined;
}

/** Own methods and inherited ones. */
function readMethods(controller: ModuleClass, report: Report): ExposedMethod[] {
  return EXPOSE.ofMembers(controller).flatMap(({ property, isStatic, place, value }) => {
    const mistake = whyNotExposed(property, isStatic === true) ?? whyNoMethod(controller, property);
    if (mistake === undefined) return { ...value, property: String(property), place: String(place) };
    report(`${shown(controller)}.${String(property)} cannot be exposed (${String(place)}): ${mistake}.`);
    return [];
  });
}

function whyNotExposed(property: string | symbol, isStatic: boolean): string | undefined {
  if (isStatic) return 'it is static; take the word static away';
  if (!isReachableName(property)) return unreachable(property);
  return property.startsWith('page_') ? 'pages of errors have no URL; give it another name' : undefined;
}

/** What a subclass has put in place of a method that its base exposes. */
function whyNoMethod({ prototype }: ModuleClass, property: string | symbol): string | undefined {
  let owner = prototype as object | null;
  while (owner !== null && !Object.hasOwn(owner, property))
    owner = Object.getPrototypeOf(owner) as object | null;
  const isMethod = owner && typeof Object.getOwnPropertyDescriptor(owner, property)?.value === 'function';
  return isMethod
    ? undefined
    : 'what stands in its place is no method; write it as one, or give it another name';
}

function unreachable(name: unknown): string {
  return (
    `${inspect(name)} is no name that can be reached; take letters, digits, ".", "-" and "_", which does not come first, and neither ` +
    '"constructor" nor "prototype"'
  );
}

/** Of two pages of one status for the whole application, which comes first would be left to chance. */
function findPagesTwice(nodes: readonly ModuleNode[], report: Report): void {
  const known = new Map<number, ModuleNode>();
  for (const node of nodes.filter(({ isEverywhere }) => isEverywhere))
    for (const { status, property } of node.pages) {
      const first = known.get(status);
      known.set(status, first ?? node);
      if (first && first.controller !== node.controller)
        report(
          `${shown(first.controller)} and ${shown(node.controller)} both have ${property} for the whole application: ` +
            "give one of them { pages: 'below' }, so that it is for what is below that module alone.",
        );
    }
}

function shown(controller: unknown): string {
  return typeof controller === 'function' && controller.name !== ''
    ? controller.name
    : inspect(controller, { depth: 0 });
}
