import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { copyOf, type Copy, type Outcome } from './copy.ts'

const body = (lines: number): string => Array.from({ length: lines }, (_, index) => `  total += ${index}\n`).join('')
const long = (lines: number): string =>
  `export function f(): number {\n  let total = 0\n${body(lines)}  return total\n}\n`

/** Each breaks one rule; the file is named after it. */
const plants: readonly { rule: string; text: string }[] = [
  { rule: 'typescript(no-explicit-any)', text: `export const f = (value: ${'any'}): unknown => value\n` },
  { rule: 'typescript(no-floating-promises)', text: 'export function f(): void {\n  Promise.resolve(1)\n}\n' },
  {
    rule: 'typescript(no-misused-promises)',
    text: 'export const f = (list: number[]): void => list.forEach(async () => {\n  await Promise.resolve()\n})\n',
  },
  {
    rule: 'typescript(switch-exhaustiveness-check)',
    text: "export function f(value: 'a' | 'b'): void {\n  switch (value) {\n    case 'a':\n      return\n  }\n}\n",
  },
  { rule: 'typescript(only-throw-error)', text: "export function f(): never {\n  throw 'text'\n}\n" },
  { rule: 'typescript(ban-ts-comment)', text: `// @ts-${'ignore'}\nexport const f: number = 'text'\n` },
  { rule: 'typescript(consistent-type-imports)', text: "import { Stats } from 'node:fs'\nexport type F = Stats\n" },
  { rule: 'import(no-default-export)', text: 'export default 1\n' },
  {
    rule: 'eslint(max-lines)',
    text: Array.from({ length: 301 }, (_, index) => `export const c${index} = ${index}\n`).join(''),
  },
  { rule: 'eslint(max-lines-per-function)', text: long(61) },
  {
    rule: 'eslint(max-depth)',
    text: 'export function f(a: boolean): void {\n  if (a) {\n    while (a) {\n      for (;;) {\n        if (a) return\n      }\n    }\n  }\n}\n',
  },
  {
    rule: 'eslint(max-params)',
    text: 'export const f = (a: 1, b: 1, c: 1, d: 1, e: 1): number => a + b + c + d + e\n',
  },
  { rule: 'eslint(no-console)', text: "console.log('text')\n" },
  { rule: 'eslint(no-restricted-imports)', text: "import { env } from 'node:process'\nexport const f = env\n" },
  { rule: 'eslint(eqeqeq)', text: 'export const f = (a: unknown): boolean => a == 1\n' },
]

const restricted = ['Date.now()', 'performance.now()', 'process.hrtime()', "process.env['A']"]

const fileOf = (rule: string): string => `dataplane/src/planted-${rule.replaceAll(/[^a-z]+/g, '-')}.ts`
const restrictedFile = (index: number): string => `dataplane/src/planted-restricted-${index}.ts`

describe('the lint rules', () => {
  let copy: Copy
  let found: Set<string>
  let outcome: Outcome

  beforeAll(async () => {
    copy = copyOf(['.oxlintrc.json', 'package.json', 'tsconfig.base.json'])
    copy.plant('dataplane/tsconfig.json', '{ "extends": "../tsconfig.base.json", "include": ["src"] }\n')
    for (const { rule, text } of plants) copy.plant(fileOf(rule), text)
    for (const [index, use] of restricted.entries())
      copy.plant(restrictedFile(index), `export const f = (): unknown => ${use}\n`)
    copy.plant('dataplane/src/clock.ts', 'export const f = (): number => Date.now()\n')
    copy.plant('dataplane/src/config.ts', "export const f = (): unknown => process.env['A']\n")
    copy.plant('dataplane/src/cycle-a.ts', "import { b } from './cycle-b.ts'\nexport const a = (): unknown => b\n")
    copy.plant('dataplane/src/cycle-b.ts', "import { a } from './cycle-a.ts'\nexport const b = (): unknown => a\n")
    copy.plant('dataplane/src/sound.test.ts', `import { it } from 'vitest'\nit.${'skip'}('does', () => {})\n`)
    outcome = await copy.run('oxlint', '--type-aware', '--deny-warnings', '--format=unix')
    found = new Set(
      [...outcome.output.matchAll(/^(\S+?):\d+:\d+: .*\[\w+\/(.+)\]$/gm)].map(([, file, rule]) => `${file} ${rule}`),
    )
  })

  afterAll(() => copy.remove())

  it('fail the run', () => {
    expect(outcome.status).not.toBe(0)
  })

  it.each(plants)('fire: $rule', ({ rule }) => {
    expect([...found]).toContain(`${fileOf(rule)} ${rule}`)
  })

  it.each([...restricted.entries()])('fire %i: %s belongs to clock.ts or config.ts', (index) => {
    expect([...found]).toContain(`${restrictedFile(index)} eslint(no-restricted-properties)`)
  })

  it.each(['clock', 'config'])('let %s.ts do its work', (name) => {
    expect([...found].filter((line) => line.startsWith(`dataplane/src/${name}.ts`))).toEqual([])
  })

  it('fire on a cycle', () => {
    expect([...found]).toContain('dataplane/src/cycle-a.ts import(no-cycle)')
  })

  it('fire on a test that does not run', () => {
    expect([...found].some((line) => line.includes('sound.test.ts') && line.includes('no-disabled-tests'))).toBe(true)
  })
})
