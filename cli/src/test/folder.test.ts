import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { testsOf } from './folder.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-tests-'))
  folders.push(folder)
  return folder
}

const test = (name: string): string =>
  `- {name: ${name}, request: {url: "https://a.example/"}, expect: {decision: deny}}\n`

describe('testsOf', () => {
  it('reads those of a folder, then those of its folder for tests', async () => {
    const folder = emptyFolder()
    mkdirSync(join(folder, 'tests'))
    for (const file of ['b.test.yaml', 'a.test.yaml', 'tests/c.test.yaml', 'd.yaml'])
      writeFileSync(join(folder, file), test(file))
    const tests = await testsOf([folder])
    expect(tests.map((one) => one.test.name)).toEqual(['a.test.yaml', 'b.test.yaml', 'tests/c.test.yaml'])
  })

  it('tells a folder that is not there from one without tests', async () => {
    const folder = emptyFolder()
    const nowhere = join(folder, 'nowhere')
    await expect(testsOf([nowhere])).rejects.toMatchObject({
      message: `there is no such folder: ${nowhere}`,
      status: 2,
    })
    await expect(testsOf([folder])).rejects.toThrow(`there are no tests in *.test.yaml of ${folder}`)
    writeFileSync(join(folder, 'a.test.yaml'), test('a'))
    await expect(testsOf([join(folder, 'a.test.yaml')])).rejects.toThrow('a.test.yaml is not a folder')
  })

  it('names the field of a test that is wrong, and says what it must be', async () => {
    const folder = emptyFolder()
    const text = '- {name: a, request: {uri: "https://a.example/"}, expect: {decision: allowed, code: 7}}\n'
    writeFileSync(join(folder, 'a.test.yaml'), text)
    const at = `${join(folder, 'a.test.yaml')}:1: /0`
    const lacks = [
      '/request/url: is required',
      '/request: uri is not a known key',
      '/expect/decision: must be one of allow, deny',
      '/expect/code: must be of type string',
    ]
    await expect(testsOf([folder])).rejects.toThrow(lacks.map((lack) => `${at}${lack}`).join('; '))
  })

  it('names a file that it cannot read', async () => {
    const folder = emptyFolder()
    mkdirSync(join(folder, 'a.test.yaml'))
    const unreadable = (message: string) => ({ message: `${join(folder, message)}`, status: 2 })
    await expect(testsOf([folder])).rejects.toMatchObject(unreadable('a.test.yaml is a folder, not a file'))
    rmSync(join(folder, 'a.test.yaml'), { recursive: true })
    writeFileSync(join(folder, 'a.test.yaml'), Buffer.from([0x2d, 0x20, 0xff]))
    await expect(testsOf([folder])).rejects.toMatchObject(unreadable('a.test.yaml is not text in UTF-8'))
  })
})
