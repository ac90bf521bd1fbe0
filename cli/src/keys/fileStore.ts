import { randomUUID } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { decodedText, member, membersOf, secretTypes, textOf } from '@gatehouse/controller'
import type { Json } from '@gatehouse/crds'
import { Document, parseAllDocuments } from 'yaml'
import { isCoded } from '../codedError.ts'
import { CommandError, exitStatus } from '../exit.ts'
import { whyNot } from '../folder/reading.ts'
import { missing, type Change, type KeySecret, type KeyStore } from './keySecret.ts'

const unreadable = (sentence: string): CommandError => new CommandError(sentence, exitStatus.unreadable)

async function textIn(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (!isCoded(error)) throw error
    if (error.code === 'ENOENT') return null
    throw unreadable(`${file} ${whyNot(error)}`)
  }
}

/** @returns null when there is no such file */
async function documentIn(file: string): Promise<Document | null> {
  const text = await textIn(file)
  if (text === null) return null
  const all = parseAllDocuments(text, { prettyErrors: false, logLevel: 'silent' })
  const document = [...all][0]
  if (all.length !== 1 || document === undefined || document.errors.length > 0)
    throw unreadable(`${file} is not one document of YAML`)
  const value = document.toJS({ maxAliasCount: 100 }) as Json
  if (member(value, 'kind') === 'Secret' && member(value, 'type') === secretTypes.apiKeys) return document as Document
  throw unreadable(`${file} holds no Secret of type ${secretTypes.apiKeys}`)
}

/** As the API server merges them: what stands in stringData wins. */
function entriesOf(document: Document): ReadonlyMap<string, string | null> {
  const value = document.toJS({ maxAliasCount: 100 }) as Json
  const encoded = membersOf(member(value, 'data')).map(([id, text]) => [id, decodedText(text) ?? null] as const)
  const plain = membersOf(member(value, 'stringData')).map(([id, text]) => [id, textOf(text) ?? null] as const)
  return new Map([...encoded, ...plain])
}

/** It is never seen half written. Hashes are no secrets, but nobody else needs them either. */
async function replace(file: string, text: string): Promise<void> {
  const draft = `${file}.${randomUUID()}`
  try {
    await writeFile(draft, text, { mode: 0o600, flag: 'wx' })
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true })
    if (!isCoded(error)) throw error
    const why = error.code === 'ENOENT' ? 'its folder does not exist' : error.code
    throw unreadable(`${file} cannot be written: ${why}`)
  }
}

/** What a new Secret is called. */
export interface Named {
  readonly namespace: string | null
  /** null = a Secret is not made. */
  readonly name: string | null
}

const newDocument = ({ namespace, name }: Named, labels: Readonly<Record<string, string>>): Document =>
  new Document({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, ...(namespace === null ? {} : { namespace }), labels },
    type: secretTypes.apiKeys,
    stringData: {},
  })

/** One Secret in a file of YAML, whose comments stay. */
export function fileStore(file: string, named: Named): KeyStore {
  const made = ({ labels }: Change): Document => {
    if (labels === null) throw unreadable(missing(file))
    if (named.name === null)
      throw new CommandError(`${file} is to be made; --secret names the Secret`, exitStatus.usage)
    return newDocument(named, labels)
  }
  return {
    place: file,
    change: async (change) => {
      const document = (await documentIn(file)) ?? made(change)
      const { client, edit } = change
      const before = entriesOf(document)
      const text = edit(before.has(client) ? (before.get(client) ?? '') : null)
      for (const place of ['data', 'stringData']) {
        if (document.hasIn([place, client])) document.deleteIn([place, client])
      }
      if (text !== null) document.setIn(['stringData', client], text)
      await replace(file, document.toString({ lineWidth: 0 }))
    },
    read: async (): Promise<readonly KeySecret[]> => {
      const document = await documentIn(file)
      if (document === null) throw unreadable(missing(file))
      const metadata = member(document.toJS() as Json, 'metadata')
      const [name, namespace] = [member(metadata, 'name'), member(metadata, 'namespace')].map(textOf)
      return [{ name: name ?? '', namespace: namespace ?? null, entries: entriesOf(document) }]
    },
  }
}
