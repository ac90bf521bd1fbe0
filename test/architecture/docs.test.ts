import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from './copy.ts'

const read = (file: string): string => readFileSync(join(root, file), 'utf8')

const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md']
const documents = [
  ...pages,
  ...['docs', 'docs/adr', 'docs/guides'].flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(folder, name)),
  ),
]

/** A path in back quotes: has a folder, and names a file of the tree or ends in a slash. */
const namedPaths = (text: string): string[] =>
  [...text.matchAll(/`([.\w-]+(?:\/[.\w-]+)*\/(?:[.\w-]+\.(?:ts|cjs|yaml|md))?)`/g)].map(([, path]) => path ?? '')

describe('the documents', () => {
  it.each(documents)('name only files that exist: %s', (document) => {
    const paths = namedPaths(read(document)).filter((path) => !existsSync(join(root, path)))
    expect(paths).toEqual([])
  })

  it.each(documents)('link only to files that exist: %s', (document) => {
    const links = [...read(document).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link]) => link ?? '')
    expect(links.filter((link) => !existsSync(join(root, dirname(document), link)))).toEqual([])
  })

  it('name files at all', () => {
    expect(namedPaths(read('docs/architecture.md')).length).toBeGreaterThan(30)
  })

  it('number the decisions without a gap', () => {
    const numbers = readdirSync(join(root, 'docs/adr')).flatMap((name) => /^(\d{4})-/.exec(name)?.[1] ?? [])
    expect(numbers.map(Number)).toEqual(numbers.map((_, index) => index + 1))
  })

  it.each(documents)('name only make targets that exist: %s', (document) => {
    const targets = [...read('Makefile').matchAll(/^([a-z0-9-]+):/gm)].map(([, name]) => name)
    const named = [...read(document).matchAll(/(?:^|`)make ([a-z0-9-]+)/gm)].map(([, name]) => name)
    expect(named.filter((name) => !targets.includes(name))).toEqual([])
  })
})

describe('the Makefile', () => {
  it('describes every target', () => {
    const text = read('Makefile')
    const targets = [...text.matchAll(/^([a-z0-9-]+):/gm)].map(([, name]) => name)
    const described = [...text.matchAll(/^([a-z0-9-]+):.* ## /gm)].map(([, name]) => name)
    expect(described).toEqual(targets)
  })

  it('runs only programs that exist', () => {
    const programs = [...read('Makefile').matchAll(/^\t@?node (\S+)/gm)].map(([, file]) => file ?? '')
    expect(programs.length).toBeGreaterThan(5)
    expect(programs.filter((file) => !existsSync(join(root, file)))).toEqual([])
  })

  it('needs the setup for whatever runs on Node', () => {
    const rules = [...read('Makefile').matchAll(/^([a-z0-9-]+):(.*)\n\t@(node|prettier) /gm)]
    const without = rules.filter(([, name, needs]) => name !== 'setup' && !/^ setup\b/.test(needs ?? ''))
    expect(without.map(([, name]) => name)).toEqual([])
  })
})
