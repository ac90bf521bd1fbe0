import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'gatehouse-crds-'))
  cpSync(import.meta.dirname, join(root, 'crds'), { recursive: true, filter: (path) => !path.endsWith('node_modules') })
  symlinkSync(join(import.meta.dirname, '../node_modules'), join(root, 'node_modules'))
})
afterEach(() => rmSync(root, { recursive: true }))

const script = (): string => join(root, 'crds/generate.ts')

describe('generate.ts', () => {
  it('writes what is committed', () => {
    execFileSync(process.execPath, [script()])
    for (const path of ['crds/gatewayroutes.yaml', 'docs/reference/accesspolicy.md']) {
      expect(readFileSync(join(root, path), 'utf8')).toBe(readFileSync(join(import.meta.dirname, '..', path), 'utf8'))
    }
  })

  it('finds and names a file that differs', () => {
    execFileSync(process.execPath, [script()])
    expect(spawnSync(process.execPath, [script(), '--check']).status).toBe(0)
    writeFileSync(join(root, 'crds/gatehouses.yaml'), 'edited by hand\n')
    const check = spawnSync(process.execPath, [script(), '--check'], { encoding: 'utf8' })
    expect(check.status).toBe(1)
    expect(check.stderr).toBe('crds/gatehouses.yaml differs from its source; run: node crds/generate.ts\n')
  })
})
