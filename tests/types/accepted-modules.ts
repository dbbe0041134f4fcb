/** Modules that fit: this file compiles in both protocols. */
import { Injectable } from 'obol';
import { Groups } from 'obol/auth';
import {
  Expose,
  moduleContext,
  modules,
  WebModule,
  type KnownUser,
  type ModuleContext,
  type PageContext,
} from 'obol/modules';
import { request } from 'obol/testing';

interface Person extends KnownUser {
  readonly email: string;
}

class People {
  find(_login: unknown): Person | undefined {
    return undefined;
  }
}

abstract class Base<T> {
  abstract value(): T;
  @Expose() inherited(_context: ModuleContext) {
    return this.value();
  }
}

@WebModule('child')
class Child extends Base<number> {
  value() {
    return 1;
  }
  @Expose('POST') part({ user, filename }: Pick<ModuleContext, 'user' | 'filename'>) {
    return [200, {}, user.name + filename];
  }
}

@Injectable(People)
@WebModule('module', { children: [Child], pages: 'below' })
export class Module {
  readonly page = 'one';
  constructor(readonly people: People) {}
  @Expose() none() {
    return null;
  }
  @Groups('editors')
  @Expose(['GET', 'PUT'], { arguments: false })
  own({ user }: ModuleContext<{ readonly email: string }>): string {
    return user.email;
  }
  @Expose() async later({ signal }: ModuleContext<Person>): Promise<boolean> {
    return Promise.resolve(signal.aborted);
  }
  page_404({ status, error }: PageContext) {
    return `${String(status)} ${error.message}`;
  }
  page_500() {
    return 'broken';
  }
  page_403({ user }: PageContext<{ readonly email: string }>) {
    return user.email;
  }
}

export const people = new People();
export const feature = modules({ modules: [Module], users: (login) => people.find(login) });
export const text: string = new Module(people).own(
  moduleContext(request('/module/own/x'), { user: { name: 'Ann', email: 'ann@example.com' } }),
);
