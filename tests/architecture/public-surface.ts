/** What the package exports, read from the source as TypeScript reads it; run as a program (`npm run surface`), it writes surface.txt. */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = resolve(import.meta.dirname, '../..');
const SRC = join(ROOT, 'src');
/** All signatures, for readers and for a test. */
export const SURFACE = join(ROOT, 'tests/architecture/surface.txt');

/** What one of the package's entries exports. */
export interface PublicSymbol {
  readonly name: string;
  readonly symbol: ts.Symbol;
  readonly declarations: readonly ts.Declaration[];
}

/** An entry of the exports map, and what it exports, by name. */
export interface Entry {
  readonly name: string;
  readonly symbols: readonly PublicSymbol[];
}

const paths = entryPaths();
const program = ts.createProgram([...paths.values()], ...compiler());
const checker = program.getTypeChecker();

export const ENTRIES: readonly Entry[] = [...paths].map(([name, path]) => ({
  name,
  symbols: exportsOf(path),
}));

/** Name of each entry, and the source that its declarations are made from. */
function entryPaths(): Map<string, string> {
  const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    exports: Record<string, string | { types: string }>;
  };
  const entries = Object.entries(exports).flatMap(([name, target]): [string, string][] =>
    typeof target === 'string'
      ? []
      : [
          [
            `obol${name.slice(1)}`,
            join(ROOT, target.types.replace('/dist/', '/src/').replace('.d.ts', '.ts')),
          ],
        ],
  );
  return new Map(entries.sort());
}

/** Knows our own files and the language, not the types of other packages: those cost a second and change nothing here. */
function compiler(): [ts.CompilerOptions, ts.CompilerHost] {
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    lib: ['lib.es2023.d.ts'],
    types: [],
    strict: true,
    experimentalDecorators: true,
  };
  const host = ts.createCompilerHost(options);
  host.resolveModuleNameLiterals = (names, file) =>
    names.map(({ text }) => ({ resolvedModule: text.startsWith('.') ? ownModule(text, file) : undefined }));
  return [options, host];
}

function ownModule(name: string, file: string): ts.ResolvedModuleFull {
  const resolvedFileName = resolve(dirname(file), name.replace(/\.js$/, '.ts'));
  return { resolvedFileName, extension: ts.Extension.Ts };
}

function exportsOf(path: string): PublicSymbol[] {
  const file = program.getSourceFile(path);
  const module = file && checker.getSymbolAtLocation(file);
  if (!module) throw new Error(`${path} is no module`);
  return checker
    .getExportsOfModule(module)
    .map((symbol) => publicSymbol(symbol))
    .sort(byName);
}

function publicSymbol(symbol: ts.Symbol): PublicSymbol {
  const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  return { name: symbol.name, symbol: target, declarations: target.declarations ?? [] };
}

function byName({ name: a }: { readonly name: string }, { name: b }: { readonly name: string }): number {
  return a < b ? -1 : Number(a > b);
}

/** What a symbol has for all to see, inherited from what is not exported included. */
export function membersOf({ symbol }: PublicSymbol): ts.Symbol[] {
  const ofInstance = checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol));
  const ofClass = symbol.valueDeclaration && ts.isClassDeclaration(symbol.valueDeclaration);
  const statics = ofClass ? [...(symbol.exports?.values() ?? [])] : [];
  return [...ofInstance, ...statics].filter(isVisible);
}

/** Types of ours that what is exported takes or gives, and those that they are made of, whether they are exported or not. */
export function typesReached(): PublicSymbol[] {
  const reached = new Set<ts.Symbol>();
  const reach = (symbol: ts.Symbol): void => {
    if (reached.has(symbol)) return;
    reached.add(symbol);
    for (const declaration of symbol.declarations ?? []) if (isOurs(declaration)) read(declaration);
  };
  const read = (node: ts.Node): void => {
    if (ts.isBlock(node) || isPrivateMember(node)) return;
    const named = ts.isTypeReferenceNode(node) ? node.typeName : isBase(node) ? node.expression : undefined;
    const symbol = named && checker.getSymbolAtLocation(named);
    if (symbol) reach(publicSymbol(symbol).symbol);
    ts.forEachChild(node, read);
  };
  for (const { symbol } of ENTRIES.flatMap((entry) => entry.symbols)) reach(symbol);
  return [...reached].map(publicSymbol);
}

function isBase(node: ts.Node): node is ts.ExpressionWithTypeArguments {
  return ts.isExpressionWithTypeArguments(node);
}

function isVisible({ declarations = [] }: ts.Symbol): boolean {
  return declarations.some(
    (declaration) =>
      isOurs(declaration) &&
      !(ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Private) &&
      !ts.isTypeParameterDeclaration(declaration) &&
      !isHashed(declaration),
  );
}

function isOurs(declaration: ts.Declaration): boolean {
  return declaration.getSourceFile().fileName.startsWith(SRC);
}

function isHashed(declaration: ts.Declaration): boolean {
  const name = ts.getNameOfDeclaration(declaration);
  return name !== undefined && ts.isPrivateIdentifier(name);
}

/** What an editor shows of a symbol: text, and the tags it found, whose names may be no tags at all. */
export function hoverOf(symbol: ts.Symbol): { text: string; tags: [name: string, text: string][] } {
  return {
    text: ts.displayPartsToString(symbol.getDocumentationComment(checker)),
    tags: symbol.getJsDocTags(checker).map(({ name, text }) => [name, ts.displayPartsToString(text)]),
  };
}

export function isOptional(symbol: ts.Symbol): boolean {
  return (symbol.flags & ts.SymbolFlags.Optional) !== 0;
}

/** All signatures as text, sorted. */
export function surfaceText(): string {
  return ENTRIES.map(({ name, symbols }) => section(name, symbols)).join('\n');
}

function section(name: string, symbols: readonly PublicSymbol[]): string {
  return [name, ...symbols.flatMap(signatures).map((line) => `  ${line}`), ''].join('\n');
}

function signatures({ name, symbol, declarations }: PublicSymbol): string[] {
  const withoutBody = declarations.filter((one) => ts.isFunctionDeclaration(one) && !one.body);
  const shown = withoutBody.length > 0 ? withoutBody : declarations;
  return shown.flatMap((declaration) => {
    if (ts.isVariableDeclaration(declaration)) return constant(name, typeOf(declaration, symbol));
    const lines = [headOf(declaration)];
    if (ts.isClassDeclaration(declaration) || ts.isInterfaceDeclaration(declaration))
      lines.push(...memberLines(declaration).map((line) => `  ${line}`));
    return lines;
  });
}

/** A long object has a line for each of its properties. */
function constant(name: string, type: string): string[] {
  return `const ${name}: ${type}`
    .split(type.length > 300 ? / (?=readonly )/ : /$/)
    .map((line, i) => (i ? `  ${line}` : line));
}

function typeOf(declaration: ts.VariableDeclaration | ts.PropertyDeclaration, symbol: ts.Symbol): string {
  if (declaration.type) return plain(declaration.type.getText());
  const type = checker.getTypeOfSymbolAtLocation(symbol, declaration);
  return plain(checker.typeToString(type, declaration, ts.TypeFormatFlags.NoTruncation));
}

/** A declaration up to its body or members; a type alias is all of it. */
function headOf(declaration: ts.Declaration): string {
  const file = declaration.getSourceFile();
  const text = file.text.slice(declaration.getStart(), bodyStart(declaration));
  return plain(text)
    .replace(/^(?:export |async |\*)+/, '')
    .replace(/[;,]$/, '');
}

function bodyStart(declaration: ts.Declaration): number {
  if (ts.isClassDeclaration(declaration) || ts.isInterfaceDeclaration(declaration))
    return declaration.members.pos - 1;
  if (ts.isFunctionLike(declaration) && 'body' in declaration && declaration.body)
    return declaration.body.getStart();
  return declaration.end;
}

function isPrivateMember(node: ts.Node): boolean {
  if (!ts.isClassElement(node)) return false;
  return isHashed(node) || (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Private) !== 0;
}

function memberLines({ members }: ts.ClassDeclaration | ts.InterfaceDeclaration): string[] {
  const visible = [...members].filter(
    (member) => !isPrivateMember(member) && !ts.isClassStaticBlockDeclaration(member),
  );
  const overloaded = new Set(visible.filter(isOverload).map((member) => member.name?.getText()));
  return visible
    .filter((member) => !hasBody(member) || !overloaded.has(member.name?.getText()))
    .map((member) => (ts.isPropertyDeclaration(member) ? propertyLine(member) : headOf(member)))
    .sort();
}

function isOverload(member: ts.Node & { readonly name?: ts.PropertyName | undefined }): boolean {
  return ts.isMethodDeclaration(member) && !member.body;
}

function hasBody(member: ts.Node): boolean {
  return ts.isMethodDeclaration(member) && member.body !== undefined;
}

function propertyLine(member: ts.PropertyDeclaration): string {
  const symbol = checker.getSymbolAtLocation(member.name);
  const end = (member.questionToken ?? member.exclamationToken ?? member.name).end;
  const head = member.getSourceFile().text.slice(member.getStart(), end);
  return symbol ? `${plain(head)}: ${typeOf(member, symbol)}` : plain(head);
}

/** In one line, without comments. */
function plain(text: string): string {
  return (
    text
      .replace(/\/\*.*?\*\//gs, '')
      .replace(/(^|\s)\/\/.*$/gm, '')
      .replace(/\s+/g, ' ')
      // Before the first member of a union that has a line for each.
      .replace(/^ ?\| |(?<=[=:(<,] ?)\| /g, '')
      .trim()
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(SURFACE, surfaceText());
