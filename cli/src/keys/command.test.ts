import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { parse } from 'yaml'
import { CommandError } from '../exit.ts'
import { keysCommand } from './command.ts'
import { hashOf } from './newKey.ts'

let file: string
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-keys-'))
  file = join(folder, 'keys.yaml')
  onTestFinished(() => rm(folder, { recursive: true }))
})

async function run(...args: readonly string[]) {
  const said = { out: '', err: '' }
  const streams = {
    out: (text: string) => void (said.out += text),
    err: (text: string) => void (said.err += text),
  }
  const status = await keysCommand(args, streams).catch((error: unknown) => {
    if (!(error instanceof CommandError)) throw error
    said.err += error.message
    return error.status
  })
  return { status, ...said }
}

const create = (...args: readonly string[]) => run('create', 'acme', '-f', file, '--secret', 'partners', ...args)
const secret = async () => parse(await readFile(file, 'utf8')) as { stringData: Record<string, string> }
const entry = async () =>
  JSON.parse((await secret()).stringData['acme'] ?? 'null') as { keyHash?: string; keys?: { keyHash: string }[] }

describe('gatehouse keys, on a file', () => {
  it('makes a Secret, and says the key once, alone and to standard output', async () => {
    const { status, out, err } = await create('--role', 'reader', '--plan', 'gold', '-n', 'shop', '--expires-in', '90d')
    const key = out.trim()
    expect(status).toBe(0)
    expect(key).toMatch(/^ghk_[0-9A-Za-z]{38}$/)
    expect(err).toMatch(/^acme in .*keys\.yaml has a new key; it expires at \d{4}-.*Z, and is not shown again\n$/)
    expect(err).not.toContain(key)
    expect(await readFile(file, 'utf8')).not.toContain(key)
    expect(await secret()).toMatchObject({
      kind: 'Secret',
      type: 'gatehouse.dev/api-keys',
      metadata: { name: 'partners', namespace: 'shop', labels: { 'gatehouse.dev/api-keys': 'partners' } },
    })
    expect(await entry()).toMatchObject({ keyHash: hashOf(key), roles: ['reader'], plan: 'gold' })
    expect(await readdir(folder)).toEqual(['keys.yaml'])
  })

  it('takes labels, and keeps what else is in the file', async () => {
    await create('-l', 'team=shop', '-l', 'gatehouse.dev/api-keys=orders')
    await writeFile(file, `# Keys of our partners.\n${await readFile(file, 'utf8')}`)
    expect((await run('create', 'other', '-f', file)).status).toBe(0)
    const text = await readFile(file, 'utf8')
    expect(text).toContain('# Keys of our partners.')
    expect(Object.keys((await secret()).stringData)).toEqual(['acme', 'other'])
    expect(parse(text)).toMatchObject({ metadata: { labels: { team: 'shop', 'gatehouse.dev/api-keys': 'orders' } } })
  })

  it('rotates, ends the old key, and revokes', async () => {
    const first = (await create()).out.trim()
    const rotated = await run('rotate', 'acme', '-f', file, '-o', 'json')
    const { key } = JSON.parse(rotated.out) as { key: string }
    expect((await entry()).keys?.map(({ keyHash }) => keyHash)).toEqual([hashOf(first), hashOf(key)])
    expect(await run('rotate', 'acme', '-f', file)).toMatchObject({ status: 1, out: '' })
    expect(await run('revoke', 'acme', '-f', file, '--old')).toMatchObject({ status: 0, out: '' })
    expect((await entry()).keyHash).toBe(hashOf(key))
    expect((await run('revoke', 'acme', '-f', file)).status).toBe(0)
    expect((await secret()).stringData).toEqual({})
    expect((await run('revoke', 'acme', '-f', file)).status).toBe(1)
  })

  it('changes entries under data too', async () => {
    const data = { acme: Buffer.from(JSON.stringify({ keyHash: hashOf('a') })).toString('base64') }
    await writeFile(
      file,
      JSON.stringify({ kind: 'Secret', type: 'gatehouse.dev/api-keys', metadata: { name: 'p' }, data }),
    )
    expect((await run('rotate', 'acme', '-f', file, '--overlap', '0s')).status).toBe(0)
    expect(parse(await readFile(file, 'utf8'))).toMatchObject({ data: {} })
    expect(await entry()).toMatchObject({ keyHash: expect.stringContaining('sha256:') as unknown })
  })

  it('lists who has keys, and never a hash', async () => {
    await create('--role', 'reader', '--tenant', 'a\u001b[2Jb')
    await run('rotate', 'acme', '-f', file)
    await writeFile(file, `${await readFile(file, 'utf8')}  broken: "{}"\n`)
    const table = await run('list', '-f', file)
    const lines = table.out.split('\n').map((line) => line.split(/ {2,}/))
    expect(lines).toMatchObject([
      ['CLIENT', 'SECRET', 'STATE', 'AGE', 'EXPIRES', 'ROLES', 'TENANT/PLAN'],
      ['acme', 'partners', 'valid', '1m', expect.stringMatching(/Z$/), 'reader', 'a\\u001b[2Jb/-'],
      ['acme', 'partners', 'valid', '1m', 'never', 'reader', 'a\\u001b[2Jb/-'],
      ['broken', 'partners', 'invalid', '-', '-', '-', '-'],
      [''],
    ])
    const json = await run('list', '-f', file, '-o', 'json')
    expect(JSON.parse(json.out)).toMatchObject({ clients: [{ client: 'acme' }, { client: 'broken', entry: null }] })
    for (const { out } of [table, json]) expect(out).not.toMatch(/sha256|[0-9a-f]{64}|\u001b/)
  })

  it.each<[string, string, string]>([
    ['another Secret', 'kind: Secret\ntype: Opaque\n', 'holds no Secret of type gatehouse.dev/api-keys'],
    ['two documents', 'kind: Secret\n---\nkind: Secret\n', 'is not one document of YAML'],
    ['no YAML', '{', 'is not one document of YAML'],
  ])('leaves %s alone', async (_, text, sentence) => {
    await writeFile(file, text)
    for (const args of [['create', 'acme'], ['revoke', 'acme'], ['list']]) {
      const { status, out, err } = await run(...args, '-f', file)
      expect({ status, out }).toEqual({ status: 2, out: '' })
      expect(err).toContain(sentence)
    }
    expect(await readFile(file, 'utf8')).toBe(text)
  })

  it('makes nothing but by create', async () => {
    for (const args of [['rotate', 'acme'], ['revoke', 'acme'], ['list']]) {
      expect(await run(...args, '-f', file)).toMatchObject({ status: 2, out: '' })
    }
    expect(await readdir(folder)).toEqual([])
    expect(await run('create', 'acme', '-f', file)).toMatchObject({ status: 64, out: '' })
    expect(await run('create', 'acme', '-f', join(folder, 'no', 'keys.yaml'), '-s', 'p')).toMatchObject({
      status: 2,
      out: '',
    })
  })

  it.each([
    [[], 'keys needs one of create, rotate, revoke and list'],
    [['make'], 'keys needs one of create, rotate, revoke and list'],
    [['create', '-f', 'x'], 'keys create needs one client'],
    [['create', 'a', 'b', '-f', 'x'], 'keys create needs one client'],
    [['create', 'a/b', '-f', 'x'], 'a client is named by'],
    [['create', 'a'], '-n NAMESPACE or -f FILE is needed'],
    [['create', 'a', '-n', 'shop'], '--secret NAME or -f FILE is needed'],
    [['create', 'a', '-n', '../x', '-s', 'y'], '--namespace needs the name of an object'],
    [['create', 'a', '-f', 'x', '--overlap', '1h'], 'keys create takes no --overlap'],
    [['list', 'a', '-f', 'x'], 'keys list takes no client'],
    [['list', '-f', 'x', '-o', 'yaml'], '-o needs text or json'],
    [['list', '-f', 'x', '--kubeconfig', 'y'], 'exclude each other'],
    [['create', 'a', '-f', 'x', '-s', 'y', '--expires-in', '0s'], '--expires-in needs a time'],
    [['create', 'a', '-f', 'x', '-s', 'y', '--expires-in', 'soon'], '--expires-in needs a time'],
    [['create', 'a', '-f', 'x', '-s', 'y', '-l', 'team'], '--label needs KEY=VALUE'],
    [['create', 'a', '-f', 'x', '-s', 'y', '--role', ''], '--role needs 1 to 256 characters'],
  ])('asks for another command line than %j', async (args, sentence) => {
    const { status, out, err } = await run(...args)
    expect({ status, out }).toEqual({ status: 64, out: '' })
    expect(err).toContain(sentence)
  })
})
