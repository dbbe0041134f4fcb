/**
 * Keeps what V8 made of the code that a worker has compiled: nearly every test file loads all of src again, in a context of its own.
 * It saves a sixth of the time of all tests.
 */
import vm from 'node:vm';

/** By path, with the text that it was made of. */
const compiled = new Map();

vm.SourceTextModule = new Proxy(vm.SourceTextModule, {
  construct: (Module, [code, options]) =>
    compile(options.identifier, code, (cachedData) => {
      const module = new Module(code, { ...options, cachedData });
      return [module, cachedData ?? module.createCachedData()];
    }),
});

vm.compileFunction = new Proxy(vm.compileFunction, {
  apply: (compileFunction, _this, [code, parameters, options]) =>
    compile(options.filename, code, (cachedData) => {
      const produceCachedData = cachedData === undefined;
      const made = compileFunction(code, parameters, { ...options, cachedData, produceCachedData });
      if (made.cachedDataRejected) throw new Error('It was rejected');
      return [made, cachedData ?? made.cachedData];
    }),
});

/** @param make gives what was compiled, and what V8 made of it; throws where V8 rejects what it made before */
function compile(path, code, make) {
  // What is imported later belongs to the context that it was first compiled in.
  if (code.includes('import(')) return make()[0];
  const known = compiled.get(path);
  try {
    if (known?.code === code) return make(known.data)[0];
  } catch {
    // Its flags are others by now: a test wants to collect garbage.
  }
  const [made, data] = make();
  compiled.set(path, { code, data });
  return made;
}
