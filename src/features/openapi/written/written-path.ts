/** A path of a written document, by which requests are found. */
import { decodeSegment } from '../../../kit.js';

/** A path such as `/notes/{id}`, taken apart; its parameters are never empty, and hold no slash. */
export class WrittenPath<T> {
  readonly names: readonly string[];
  /** By method, in upper case. */
  readonly operations: ReadonlyMap<string, T>;
  /** What stands before, between and behind the parameters. */
  readonly #texts: readonly string[];

  constructor(path: string, operations: ReadonlyMap<string, T>) {
    const parts = path.split(/\{([^{}]*)\}/);
    this.names = parts.filter((_, index) => index % 2 === 1);
    this.operations = operations;
    this.#texts = parts.filter((_, index) => index % 2 === 0).map(canonical);
  }

  /** The values of the parameters, decoded; undefined for another path. */
  match(path: string): Readonly<Record<string, string>> | undefined {
    const [first = ''] = this.#texts;
    if (this.names.length === 0) return path === first ? {} : undefined;
    if (!path.startsWith(first) || !path.endsWith(this.#texts.at(-1) ?? '')) return undefined;
    const values = this.#valuesIn(path);
    return (
      values &&
      Object.fromEntries(values.map((value, index) => [this.names[index] ?? '', decodeSegment(value)]))
    );
  }

  /** Read from behind, each as short as it can be there, so that no path takes longer than its length. */
  #valuesIn(path: string): string[] | undefined {
    const [last = '', ...others] = [...this.#texts].reverse();
    const values: string[] = [];
    let end = path.length - last.length;
    for (const text of others) {
      const isFirst = values.length === this.names.length - 1;
      const at = isFirst ? 0 : path.lastIndexOf(text, end - text.length - 1);
      const value = at < 0 ? '' : path.slice(at + text.length, end);
      if (value === '' || value.includes('/')) return undefined;
      values.unshift(value);
      end = at;
    }
    return values;
  }
}

/** As paths of requests are: decoded, but for what would be a slash or a percent sign. */
function canonical(text: string): string {
  return text.replace(/%2f/g, '%2F').replace(/(?:%(?!2F|25)[\dA-F]{2})+/gi, (encoded) => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      return encoded;
    }
  });
}
