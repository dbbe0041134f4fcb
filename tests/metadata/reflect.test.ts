/** What the compiler and tsyringe wrote about constructors. */
import { describe, expect, test } from '@jest/globals';
import { inject, injectable, injectAll } from 'tsyringe';
import { constructorParameters, makeInjectable } from '../../src/metadata/reflect.js';

class Nothing {}

@injectable()
class Some {
  constructor(
    readonly typed: Nothing,
    @inject('token') readonly named: object,
    @inject('maybe', { isOptional: true }) readonly maybe: object | undefined,
    @injectAll('many') readonly many: object[],
  ) {}
}

class Inherits extends Some {}

class Unknown {
  constructor(readonly x: string) {}
}

describe('the parameters of a constructor', () => {
  const parameters = [
    { token: Nothing, isOptional: false, isMultiple: false },
    { token: 'token', isOptional: false, isMultiple: false },
    { token: 'maybe', isOptional: true, isMultiple: false },
    { token: 'many', isOptional: false, isMultiple: true },
  ];

  test('are classes and tokens, its own or inherited', () => {
    expect(constructorParameters(Some)).toEqual(parameters);
    expect(constructorParameters(Inherits)).toEqual(parameters);
  });

  test('are none where nobody writes a constructor down', () => {
    expect(constructorParameters(Nothing)).toEqual([]);
  });

  test('are unknown without metadata', () => {
    expect(constructorParameters(Unknown)).toBeNull();
  });

  test('are inherited once and for all', () => {
    for (const target of [Inherits, Inherits, Some, Nothing]) makeInjectable(target);
    expect(constructorParameters(Inherits)).toEqual(parameters);
  });
});
