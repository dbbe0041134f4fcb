/** Modules in modules: `/Example/Tests/Test/test/`. */
import { Expose, WebModule, type ModuleContext } from 'obol/modules';

@WebModule('Test')
class Test {
  @Expose()
  test({ filename, environment }: ModuleContext) {
    return { filename, path: environment['PATH_INFO'] };
  }
}

@WebModule('Tests', { children: [Test] })
class Tests {}

@WebModule('Example', { children: [Tests] })
export class Example {}
