/**
 * Where each test file runs: Node, without the hook by which Jest knows the test of every promise, and of its coverage only what
 * no earlier file of the same worker has sent.
 */
import asyncHooks from 'node:async_hooks';
import { readFileSync } from 'node:fs';
import { TestEnvironment } from 'jest-environment-node';
import './code-cache.mjs';
import { descriptionsPath } from './transform.mjs';

/** A busy machine is slow, not wrong: a server that has seconds to answer has ten times as many. */
const { timeout } = AbortSignal;
AbortSignal.timeout = (delay) => timeout.call(AbortSignal, delay < 1000 ? delay : 10 * delay);

/** What this worker has sent already: for each file of src, which of its counters were above zero. */
const sent = new Map();

/** Where an AsyncLocalStorage costs each promise two calls: a tenth of the time of all tests. */
const HAS_COSTLY_STORAGE = Number(process.versions.node.split('.')[0]) < 24;
const STORAGE = Object.getOwnPropertyDescriptor(asyncHooks, 'AsyncLocalStorage');

/** What Jest gets in its place to know the test that runs: those of a file run one after another. */
class StoreOfTheTest {
  #store;

  getStore() {
    return this.#store;
  }

  async run(store, act) {
    const outer = this.#store;
    this.#store = store;
    try {
      return await act();
    } finally {
      this.#store = outer;
    }
  }
}

/**
 * Nearly every test file loads nearly all of src. Copied, sent and merged in full, the counters of each cost more than
 * loading the code does; what is covered is the same without the repetitions, only how often is not.
 */
export default class LeanEnvironment extends TestEnvironment {
  #cache;

  constructor(config, context) {
    super(config, context);
    this.#cache = config.projectConfig.cacheDirectory;
  }

  /** Afterwards Jest is loaded, and then what it tests. */
  async setup() {
    await super.setup();
    if (HAS_COSTLY_STORAGE)
      Object.defineProperty(asyncHooks, 'AsyncLocalStorage', { configurable: true, value: StoreOfTheTest });
  }

  async teardown() {
    giveStorageBack();
    await super.teardown();
  }

  handleTestEvent({ name }) {
    if (name === 'setup') giveStorageBack();
    const coverage = this.global['__coverage__'];
    if (name !== 'run_finish' || !coverage) return;
    for (const [path, counters] of Object.entries(coverage)) {
      // A worker ends with the run; a process without a parent may outlive it, and copies within itself.
      if (process.send && !bringsNews(counters)) delete coverage[path];
      else
        Object.assign(
          counters,
          JSON.parse(readFileSync(descriptionsPath(this.#cache, counters.hash), 'utf8')),
        );
    }
  }
}

/** Tests get what Node has. */
function giveStorageBack() {
  Object.defineProperty(asyncHooks, 'AsyncLocalStorage', STORAGE);
}

/** Whether something ran that had not run before; remembers it. */
function bringsNews({ path, hash, s, f, b }) {
  let known = sent.get(path);
  // A file that was changed between two tests has other counters.
  const isNew = known?.hash !== hash;
  if (isNew) sent.set(path, (known = { hash, ran: new Set() }));
  const before = known.ran.size;
  for (const [kind, counts] of [
    ['s', s],
    ['f', f],
  ])
    for (const key in counts) if (counts[key] > 0) known.ran.add(kind + key);
  for (const key in b) b[key].forEach((count, way) => count > 0 && known.ran.add(`b${key}.${way}`));
  return isNew || known.ran.size > before;
}
