import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isExactVersion, packageNameFault } from './package-name.ts';

describe('packageNameFault', () => {
  it('lets names of npm packages pass', () => {
    for (const name of ['a', 'kalla-connector-acme', '@acme/kalla-connector', 'x.y_z~1', '7zip', 'a'.repeat(214)])
      expect(packageNameFault(name), name).toBeNull();
  });

  it('says in a sentence what is wrong with anything else', () => {
    const cases: [string, RegExp][] = [
      ['', /is not the name of an npm package/],
      ['../x', /is not the name/],
      ['./x', /is not the name/],
      ['/etc/passwd', /is not the name/],
      ['--flag', /is not the name/],
      ['-g', /is not the name/],
      ['.npmrc', /is not the name/],
      ['_x', /is not the name/],
      ['a b', /is not the name/],
      ['a\nb', /is not the name/],
      ['a@1.0.0', /is not the name/],
      ['@acme', /is not the name/],
      ['@acme/x/y', /is not the name/],
      ['@ACME/x', /lower case/],
      ['Kalla', /lower case/],
      ['päckchen', /is not the name/],
      ['a'.repeat(300), /has 300 characters/],
      ['https://evil.example/x.tgz', /is an address/],
      ['file:../x', /is an address/],
      ['git+ssh://git@host/x.git', /is an address/],
      ['git@github.com:acme/x.git', /is an address|is not the name/],
      ['acme/x', /is an address/],
      ['github:acme/x', /is an address/],
      ['npm:left-pad', /is an address/],
      ['x#main', /is an address/],
      ['search', /has a meaning of its own/],
      ['@acme/rollback', /has a meaning of its own/],
    ];
    for (const [name, sentence] of cases) expect(packageNameFault(name), name).toMatch(sentence);
  });

  it('never lets a name pass that npm would take for something else', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab@/.-_:# ~$%\\'), maxLength: 12 }), (name) => {
        if (packageNameFault(name) !== null) return;
        expect(name).toMatch(/^(@[a-z0-9][\w.~-]*\/)?[a-z0-9][\w.~-]*$/);
        expect(name).not.toMatch(/:|#|\s|\\|\/\.|^[.-]/);
      }),
    );
  });
});

describe('isExactVersion', () => {
  it('knows one version from ranges and tags', () => {
    for (const version of ['1.2.0', '0.0.1', '10.20.30', '2.0.0-beta.1'])
      expect(isExactVersion(version), version).toBe(true);
    for (const version of [
      '',
      '1',
      '1.2',
      '^1.2.0',
      '1.x',
      'latest',
      'v1.2.0',
      '>=1.0.0',
      '1.2.0 ',
      '1.2.0+b',
      '01.2.3',
      '1.2.0-',
    ])
      expect(isExactVersion(version), version).toBe(false);
  });
});
