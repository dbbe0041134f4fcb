/** A document that people have written, read from its file with all that it refers to within itself. */
import { readFileSync } from 'node:fs';
import { loadPackage, ObolError } from '../../../kit.js';
import { isJson, type Json } from '../json.js';

/** @throws ObolError E_SETTING for a file that holds no document of OpenAPI 3, E_PACKAGE for YAML without the package yaml */
export function readDocument(file: string | URL): Json {
  const document = parsed(readText(file), String(file));
  if (isJson(document) && /^3\.\d/.test(String(document['openapi'])) && isJson(document['paths']))
    return document;
  throw new ObolError(
    'E_SETTING',
    `openapiDocument: ${String(file)} is no document of OpenAPI 3, with paths.`,
  );
}

function readText(file: string | URL): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ObolError('E_SETTING', `openapiDocument: ${String(file)} cannot be read.`, { cause });
  }
}

function parsed(text: string, file: string): unknown {
  try {
    return /\.ya?ml$/i.test(file) ? parseYaml(text) : JSON.parse(text);
  } catch (cause) {
    if (cause instanceof ObolError) throw cause;
    throw new ObolError('E_SETTING', `openapiDocument: ${file} cannot be parsed: ${String(cause)}`, {
      cause,
    });
  }
}

function parseYaml(text: string): unknown {
  const yaml = load('yaml') as { parse(text: string): unknown };
  // What JSON cannot say, such as a map within itself, no document can.
  return JSON.parse(JSON.stringify(yaml.parse(text)));
}

/** A package that only some applications need. @throws ObolError E_PACKAGE */
export function load(name: string): unknown {
  return loadPackage(name, 'openapiDocument()');
}
