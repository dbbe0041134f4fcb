import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { literalText, shapeOf, splitSegments } from '../../src/routing/route-tree.js';
import { parseTemplate } from '../../src/routing/template.js';
import { developerError } from '../support/errors.js';
import { filters, find, treeOf } from '../support/routes.js';
import { expectWithin } from '../support/timing.js';

describe('static paths', () => {
  const tree = treeOf('/', '/a', '/a/', '/a/b', '/100%', '/kůň', '/a b');

  test.each(['/', '/a', '/a/', '/a/b'])('%s is found', (path) => {
    expect(find(tree, path)).toBe(path);
  });

  test.each([
    ['/%61', '/a'],
    ['/100%25', '/100%'],
    ['/k%C5%AF%C5%88', '/kůň'],
    ['/a%20b', '/a b'],
  ])('%s is %s', (target, path) => {
    expect(find(tree, target)).toBe(path);
  });

  test.each(['/b', '/A', '//', '//a', '/a//b', '/a%2Fb', '/a%2F', '/b/', '/a;b'])('%s is not', (target) => {
    expect(find(tree, target)).toBeUndefined();
  });
});

describe('the order of specificity', () => {
  const BY_FILTER = ['<a:path>', '<a:re:\\d+|[\\da-f-]+>', '<a>', '<a:any>', '<a:word>', '<a:hex>', '<a:float>', '<a:int>', '<a:uuid>']; // prettier-ignore
  const tree = treeOf(...BY_FILTER.map((parameter) => `/${parameter}`), '/7');

  test.each([
    ['/7', '/7'],
    ['/00112233-4455-6677-8899-aabbccddeeff', '/<a:uuid> 00112233-4455-6677-8899-aabbccddeeff'],
    ['/8', '/<a:int> 8'],
    ['/8.5', '/<a:float> 8.5'],
    ['/ff', '/<a:hex> ff'],
    ['/fg', '/<a:word> fg'],
    ['/f-g', '/<a:any> f-g'],
    ['/f/g', '/<a:path> f/g'],
  ])('takes %s to %s', (target, expected) => {
    expect(find(tree, target)).toBe(expected);
  });

  test('tries text before an inline pattern, and that before a path', () => {
    expect(find(treeOf('/<a:path>', '/<a:re:.+>', '/<a>'), '/x')).toBe('/<a> x');
    expect(find(treeOf('/<a:path>', '/<a:re:.+>'), '/x')).toBe('/<a:re:.+> x');
  });

  test('follows the weight of a filter of the user', () => {
    expect(find(treeOf('/<a:rare>', '/<a>'), '/x')).toBe('/<a> x');
    expect(find(treeOf('/<a:rare>', '/<a:re:.+>'), '/x')).toBe('/<a:rare> x');
  });

  test('takes the one declared first among equals', () => {
    expect(find(treeOf('/<a:re:\\w+>', '/<a:re:[a-z]+>'), '/x')).toBe('/<a:re:\\w+> x');
    expect(find(treeOf('/<a:re:[a-z]+>', '/<a:re:\\w+>'), '/x')).toBe('/<a:re:[a-z]+> x');
    expect(find(treeOf('/<a:any>', '/<a:letters>'), '/x')).toBe('/<a:any> x');
  });

  test('prefers a segment with literal text to a parameter alone', () => {
    expect(find(treeOf('/<a>', '/x<a>', '/xy<a>'), '/xyz')).toBe('/xy<a> z');
    expect(find(treeOf('/<p:path>', '/<p:path>/edit'), '/a/edit')).toBe('/<p:path>/edit a');
  });

  test('decides segment by segment from the left', () => {
    expect(find(treeOf('/<a>/b', '/a/<b>'), '/a/b')).toBe('/a/<b> b');
  });
});

describe('backtracking', () => {
  test.each([
    [['/a/<x>/c', '/<y>/b/d'], '/a/b/d', '/<y>/b/d a'],
    [['/<x:int>/a', '/<y>/b'], '/1/b', '/<y>/b 1'],
    [['/<x:int>/<y:int>/a', '/<x:int>/<z>/b', '/<p:path>'], '/1/2/c', '/<p:path> 1/2/c'],
    [['/a/<x>', '/<p:path>'], '/a/b/c', '/<p:path> a/b/c'],
    [['/a/<p:path>.txt', '/a/<p:path>'], '/a/b', '/a/<p:path> b'],
    [['/<x:refusing>', '/<y>'], '/13', '/<y> 13'],
    [['/<a:int>-<b:int>', '/<c>'], '/1-99999999999999999999', '/<c> 1-99999999999999999999'],
  ])('of %j finds for %s the route %s', (templates, target, expected) => {
    expect(find(treeOf(...templates), target)).toBe(expected);
  });

  test('leaves no values of ways given up', () => {
    const tree = treeOf('/<a:int>-<b:refusing>/x', '/<c>-<d>/y', '/<e>/<f:path>z/<g:int>', '/<p:path>');
    expect(find(tree, '/1-13/y')).toBe('/<c>-<d>/y 1 13');
    expect(find(tree, '/1-1/az/b')).toBe('/<p:path> 1-1/az/b');
  });
});

describe('segments with text around parameters', () => {
  test.each([
    ['/file-<n:int>.txt', '/file-7.txt', '7'],
    ['/file-<n:int>.txt', '/file--7.txt', '-7'],
    ['/<y:year>-<m:month>', '/2026-12', '2026 12'],
    ['/<a:year>-<b:year>', '/2025-2026', '2025 2026'],
    ['/<a>.<b>', '/x.y.z', 'x.y z'],
    ['/<a>%<b>', '/x%25y', 'x y'],
    ['/a.b<n:int>', '/a.b1', '1'],
    ['/<a:re:a|b>.txt', '/b.txt', 'b'],
    ['/<a:re:^a$|^b$>.txt', '/b.txt', 'b'],
    ['/x<a:loose>', '/xAB', 'AB'],
    ['/x-<a:letters>', '/x-%C5%BE', 'ž'],
    ['/x-<a:nested>', '/x-%C5%BE', 'ž'],
    ['/<a:word>-<b:letters>', '/%C5%BE-b', 'ž b'],
    ['/v<a:any>', '/v1%2F2', '1/2'],
  ])('%s reads %s', (template, target, values) => {
    expect(find(treeOf(template), target)).toBe(`${template} ${values}`);
  });

  test.each([
    ['/file-<n:int>.txt', '/file-x.txt'],
    ['/file-<n:int>.txt', '/file-7xtxt'],
    ['/file-<n:int>.txt', '/file-7.txt.txt'],
    ['/file-<n:int>.txt', '/file-7.txt%0A'],
    ['/file-<n:int>.txt', '/File-7.txt'],
    ['/file-<a>', '/file-'],
    ['/file-<a>', '/file-%2F'],
    ['/a.b<n:int>', '/axb1'],
    ['/x<a:loose>', '/Xab'],
    ['/<a:re:a|b>.txt', '/a'],
    ['/x-<a:nested>', '/x-a'],
    ['/x-<a>', `/x-${'a'.repeat(254)}`],
  ])('%s does not read %s', (template, target) => {
    expect(find(treeOf(template), target)).toBeUndefined();
  });

  test('with filters that cannot stand together are refused', () => {
    expect(() => treeOf('/<a:letters>.<b:loosely>')).toThrow(
      developerError(
        'E_FILTER',
        'The path filters "letters" and "loosely" cannot stand together: SyntaxError: Invalid regular expression: ' +
          '/^(?<p0>\\p{L}+)\\.(?<p1>\\-+)$/su: Invalid escape',
      ),
    );
  });
});

describe('parameters that span segments', () => {
  test.each([
    ['/<p:path>', '/a', 'a'],
    ['/<p:path>', '//a//', '/a//'],
    ['/f/<p:path>', '/f/a/b', 'a/b'],
    ['/f/<p:path>/raw', '/f/a/raw/b/raw', 'a/raw/b'],
    ['/f/<p:path>.txt', '/f/a/b.txt', 'a/b'],
    ['/<p:path>/<n:int>', '/a/b/7', 'a/b 7'],
    ['/f-<p:path>', '/f-a/b', 'a/b'],
    ['/<p:path>', '/100%25', '100%'],
    ['/<p:path>', '/%252F', '%2F'],
    ['/<a:re:\\w+/\\w+>/x', '/a/b/x', 'a/b'],
    ['/<a:re:[A-F\\d]+>', '/AF', 'AF'],
    ['/<a:re:(?<x>a)(?<y>b)>', '/ab', 'ab'],
    ['/<a:re:(?<x>a)>-<b:re:(?<x>b)>', '/a-b', 'a b'],
    ['/<a:all>/x/<b:all>', '/1/x/2/3', '1 2/3'],
  ])('%s reads %s', (template, target, values) => {
    expect(find(treeOf(template), target)).toBe(`${template} ${values}`);
  });

  test.each([
    ['/<p:path>', '/'],
    ['/f/<p:path>', '/f'],
    ['/f/<p:path>', '/f/'],
    ['/f/<p:path>/raw', '/f/raw'],
    ['/f/<p:path>', '/f/a%2Fb'],
    ['/<a:re:.+>', '/a%2Fb'],
    ['/<a:all>', '/a%2fb'],
    ['/<a:re:[A-F\\d]+>', '/af'],
    ['/<a:re:a|b>', '/ab'],
    ['/<a:re:\\w+>', '/a%0A'],
  ])('%s does not read %s', (template, target) => {
    expect(find(treeOf(template), target)).toBeUndefined();
  });
});

describe('an encoded slash', () => {
  test.each(['', ':int', ':float', ':hex', ':word', ':uuid', ':path', ':re:.+'])(
    'never matches <a%s>',
    (filter) => {
      const tree = treeOf(`/<a${filter}>`, `/x/<a${filter}>`, `/<a${filter}>/y`);
      for (const target of ['/1%2F2', '/1%2f2', '/x/1%2F2', '/1%2F2/y', '/1%2Fy', '/x%2F1', '/%2F']) {
        expect(find(tree, target)).toBeUndefined();
      }
    },
  );
});

describe('an empty segment', () => {
  test.each(['', ':int', ':float', ':hex', ':word', ':uuid', ':any'])('never matches <a%s>', (filter) => {
    const tree = treeOf(`/<a${filter}>`, `/x/<a${filter}>`, `/<a${filter}>/x`);
    for (const target of ['/', '/x/', '//x', '//']) expect(find(tree, target)).toBeUndefined();
  });
});

describe('a slash at the end', () => {
  test('matters', () => {
    const tree = treeOf('/<a>/', '/b/<c>');
    expect(find(tree, '/x/')).toBe('/<a>/ x');
    expect(find(tree, '/x')).toBeUndefined();
    expect(find(tree, '/b/c/')).toBeUndefined();
  });
});

describe('duplicates', () => {
  test.each([
    ['/a', '/a'],
    ['/<a>', '/<b>'],
    ['/<a:int>/x', '/<b:int>/x'],
    ['/x-<a:int>.<b>', '/x-<c:int>.<d>'],
    ['/<p:path>', '/<q:path>'],
    ['/<p:path>/x', '/<q:path>/x'],
    ['/<a:re:x+>', '/<b:re:x+>'],
  ])('%s stands in the way of %s', (first, second) => {
    const tree = treeOf(first);
    expect(tree.add(parseTemplate(second, filters), second)).toBe(first);
    expect(find(tree, first)?.split(' ')[0] ?? first).toBe(first);
  });

  test.each([
    ['/a', '/a/'],
    ['/<a>', '/<a:int>'],
    ['/<a>', '/x<a>'],
    ['/<a:re:x+>', '/<a:re:x*>'],
    ['/<p:path>', '/<p:path>/x'],
  ])('%s does not stand in the way of %s', (first, second) => {
    expect(treeOf(first).add(parseTemplate(second, filters), second)).toBeUndefined();
  });
});

describe('any path', () => {
  const tree = treeOf(
    '/',
    '/a',
    '/<a:int>',
    '/<a>',
    '/x-<a:word>.<b:int>',
    '/a/<p:path>',
    '/<a>/b/<c:float>',
  );

  test('is matched without an exception, and a match fits its template', () => {
    const unit = fc.constantFrom('/', 'a', 'b', 'x-', '1', '.', '%25', '%2F', 'ž');
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 12 }), (text) => {
        const found = tree.match(`/${text}`);
        if (found) expect(found.values).toHaveLength(found.value.split('<').length - 1);
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ['/<a>-<b>', '-'],
    ['/<a>-<b>-<c>.x', '-'],
    ['/<a:word>_<b:word>_<c:word>!', '_'],
    ['/<p:path>/x/<q:path>/y', '/x'],
    ['/<p:path>/<q:path>/<r:path>/y!', '/a'],
    ['/<p:path>.txt', '.tx'],
    ['/<a:re:\\w+>-<b:re:\\w+>', 'a-'],
  ])('takes little time with %s and many %j', (template, piece) => {
    const hostile = treeOf(template);
    for (const length of [250, 2030, 8192, 65536]) {
      expectWithin(100, () => hostile.match(`/${piece.repeat(length / piece.length)}`));
    }
  });

  test('of many empty or short segments takes little time', () => {
    expectWithin(100, () => tree.match('/'.repeat(64 * 1024)));
    expectWithin(100, () => tree.match('/a'.repeat(32 * 1024)));
  });
});

test('splitSegments cuts at the slashes and before the first spanning segment', () => {
  const cut = (text: string): unknown => {
    const { segments, tail } = splitSegments(parseTemplate(text, filters).parts);
    return [segments.map(shapeOf), tail && shapeOf(tail)];
  };
  expect(cut('/a/x-<b>/')).toEqual([['["a"]', '["x-",[""]]', '[]'], undefined]);
  expect(cut('/a/x-<p:path>/b')).toEqual([['["a"]'], '["x-",["path"],"/b"]']);
});

test('literalText is the text of parts without parameters', () => {
  expect(literalText(parseTemplate('/a/100%', filters).parts)).toBe('/a/100%25');
});
