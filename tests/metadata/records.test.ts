/** What decorators recorded about classes and members. */
import { describe, expect, test } from '@jest/globals';
import { Controller, createGuard, Get, Post, Route, Use } from 'obol';
import { ROUTE } from '../../src/decorators/route.js';
import { classRecords, memberRecords, ownClassRecords } from '../../src/metadata/records.js';

const Marked = createGuard('Marked', () => () => undefined);

@Marked()
@Controller('/base')
class Base {
  @Marked() @Get('/a') @Get('/b') first() {
    return 1;
  }
  @Post('/c') second() {
    return 2;
  }
  @Get('/s') static shared() {
    return 3;
  }
}

@Use((request, next) => next(request))
@Controller('/derived')
class Derived extends Base {
  @Route('/z', 'PUT') override first() {
    return 4;
  }
}

const brief = (records: ReturnType<typeof memberRecords>) =>
  records.map((record) => [
    String(record.property),
    ROUTE.owns(record) ? `${String(record.value.methods)} ${record.value.path}` : record.key,
    record.isStatic,
  ]);

describe('records', () => {
  test('of members stand in the order written', () => {
    expect(brief(memberRecords(Base))).toEqual([
      ['first', 'obol.guard', false],
      ['first', 'GET /a', false],
      ['first', 'GET /b', false],
      ['second', 'POST /c', false],
      ['shared', 'GET /s', true],
    ]);
  });

  test('of a member decorated anew replace those of the same kind that its base left', () => {
    expect(brief(memberRecords(Derived))).toEqual([
      ['first', 'obol.guard', false],
      ['second', 'POST /c', false],
      ['shared', 'GET /s', true],
      ['first', 'PUT /z', false],
    ]);
  });

  test('of a static member leave those of a method of the same name alone', () => {
    class Hiding extends Base {
      @Marked() static first() {
        return 1;
      }
    }
    expect(brief(memberRecords(Hiding)).filter(([property]) => property === 'first')).toEqual([
      ['first', 'obol.guard', false],
      ['first', 'GET /a', false],
      ['first', 'GET /b', false],
      ['first', 'obol.guard', true],
    ]);
  });

  test('of a class are its own, or with those of its bases first', () => {
    expect(ownClassRecords(Derived).map(({ key }) => key)).toEqual(['obol.use', 'obol.controller']);
    expect(classRecords(Derived).map(({ key }) => key)).toEqual([
      'obol.guard',
      'obol.controller',
      'obol.use',
      'obol.controller',
    ]);
    expect(ownClassRecords(class {})).toEqual([]);
  });
});
