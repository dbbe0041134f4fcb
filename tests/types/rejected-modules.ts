/** Modules that do not fit: the compiler must refuse each marked line, with those words. */
import { Expose, modules, WebModule, type ModuleContext, type PageContext } from 'obol/modules';

// @ts-expect-error -- ["a page takes its PageContext and nothing else:", "page_404"]
@WebModule('pages')
export class Pages {
  page_404(_environment: string, _user: number) {
    return '';
  }
  page_500({ status }: PageContext) {
    return String(status);
  }
}

// @ts-expect-error -- ["a page takes its PageContext and nothing else:", "page_500"]
@WebModule('fields')
export class Fields {
  readonly page_500 = 'text';
}

@WebModule('methods')
export class Methods {
  // @ts-expect-error -- ["an exposed method takes its ModuleContext and nothing else"]
  @Expose()
  two(_context: ModuleContext, _more: number) {
    return null;
  }
  // @ts-expect-error -- ["an exposed method takes its ModuleContext and nothing else"]
  @Expose()
  wrong(_text: string) {
    return null;
  }
  // @ts-expect-error -- "FETCH"
  @Expose('FETCH')
  method() {
    return null;
  }
}

// @ts-expect-error -- string
export const notModules = modules({ modules: ['hello'] });
