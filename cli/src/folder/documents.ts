import { isNode, LineCounter, parseAllDocuments, Scalar, type Document, type ScalarTag, type Tags } from 'yaml'

/** Where something is written: the path as the user would write it, and a line from 1. */
export interface Place {
  readonly file: string
  /** 0 = the whole file or folder. */
  readonly line: number
}

/** A place as editors open it. */
export const placeText = ({ file, line }: Place): string => (line === 0 ? file : `${file}:${line}`)

/** One YAML document, or one item of a List. */
export interface SourceDocument {
  /** Its first line. */
  readonly place: Place
  readonly value: unknown
  /** The line of a JSON pointer (RFC 6901) into it; where there is nothing, that of what is nearest around it. */
  lineOf(pointer: string): number
}

/** Text that is not YAML. */
export interface SyntaxFault {
  readonly place: Place
  readonly message: string
}

const boolTag = 'tag:yaml.org,2002:bool'
const truths = new Set(['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'])

/** kubectl reads booleans as YAML 1.1 has them, so an unquoted `Off` is false there and must be here. */
const kubectlBool: ScalarTag = {
  tag: boolTag,
  default: true,
  identify: (value) => typeof value === 'boolean',
  test: /^(?:[yY]|yes|Yes|YES|true|True|TRUE|on|On|ON|[nN]|no|No|NO|false|False|FALSE|off|Off|OFF)$/,
  resolve: (text) => new Scalar(truths.has(text)),
}

const kubectlTags = (tags: Tags): Tags =>
  tags.map((tag) => (typeof tag === 'object' && tag.tag === boolTag ? kubectlBool : tag))

const unescaped = (segment: string): string => segment.replaceAll('~1', '/').replaceAll('~0', '~')

function lineAt(document: Document, path: readonly (string | number)[], counter: LineCounter): number {
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range) return counter.linePos(node.range[0]).line
  }
  return 1
}

const isList = (value: unknown): value is { readonly items: readonly unknown[] } =>
  typeof value === 'object' &&
  value !== null &&
  'kind' in value &&
  value.kind === 'List' &&
  'items' in value &&
  Array.isArray(value.items)

/** What a document holds: itself, or the items of a List, as kubectl has it. */
function documentsOf(file: string, document: Document, counter: LineCounter): readonly SourceDocument[] {
  const value: unknown = document.toJS({ maxAliasCount: 100 })
  const one = (item: unknown, at: readonly (string | number)[]): SourceDocument => ({
    place: { file, line: lineAt(document, at, counter) },
    value: item,
    lineOf: (pointer) => lineAt(document, [...at, ...pointer.split('/').slice(1).map(unescaped)], counter),
  })
  if (value === null || value === undefined) return []
  return isList(value) ? value.items.map((item, index) => one(item, ['items', index])) : [one(value, [])]
}

/** The documents of a file; a document that is not YAML becomes a fault. JSON is YAML too. */
export function readDocuments(
  file: string,
  text: string,
): { readonly documents: readonly SourceDocument[]; readonly faults: readonly SyntaxFault[] } {
  const counter = new LineCounter()
  const parsed = parseAllDocuments(text, {
    lineCounter: counter,
    prettyErrors: false,
    merge: true,
    customTags: kubectlTags,
    logLevel: 'silent',
  })
  const documents: SourceDocument[] = []
  const faults: SyntaxFault[] = []
  for (const document of parsed) {
    const [error] = document.errors
    if (error) {
      faults.push({ place: { file, line: counter.linePos(error.pos[0]).line }, message: error.message })
      continue
    }
    try {
      documents.push(...documentsOf(file, document, counter))
    } catch (error) {
      // An alias without anchor, or too many of them.
      if (!(error instanceof ReferenceError)) throw error
      faults.push({ place: { file, line: lineAt(document, [], counter) }, message: error.message })
    }
  }
  return { documents, faults }
}
