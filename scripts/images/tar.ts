/** One thing in an archive. Paths are relative to its root and have no leading slash. */
export type TarEntry =
  | { readonly kind: 'file'; readonly path: string; readonly content: Buffer; readonly mode?: number }
  | { readonly kind: 'folder'; readonly path: string; readonly mode?: number }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }

const block = 512
const types = { file: '0', link: '2', folder: '5' } as const
const modes = { file: 0o644, link: 0o777, folder: 0o755 } as const

/**
 * An uncompressed POSIX ustar archive whose bytes depend on nothing but the entries: sorted by path, every owner 0:0,
 * every time 1970-01-01, and each folder that a path needs put in where it is missing (mode 0755).
 *
 * @throws Error when two entries have one path, or when a path or a link does not fit into a header
 */
export function tar(entries: readonly TarEntry[]): Buffer {
  const byPath = new Map<string, TarEntry>()
  for (const entry of entries) {
    if (!/^[^/]/.test(entry.path) || entry.path.split('/').some((part) => ['', '.', '..'].includes(part)))
      throw new Error(`${entry.path} is not a plain path from the root of the archive`)
    if (byPath.has(entry.path)) throw new Error(`two entries of the archive are called ${entry.path}`)
    byPath.set(entry.path, entry)
  }
  for (const { path } of entries)
    for (const folder of foldersAbove(path))
      if (!byPath.has(folder)) byPath.set(folder, { kind: 'folder', path: folder })
  const sorted = [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
  return Buffer.concat([...sorted.flatMap(partsOf), Buffer.alloc(2 * block)])
}

function foldersAbove(path: string): string[] {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}

function partsOf(entry: TarEntry): Buffer[] {
  if (entry.kind !== 'file') return [headerOf(entry)]
  const padding = Buffer.alloc((block - (entry.content.length % block)) % block)
  return [headerOf(entry), entry.content, padding]
}

/** Octal digits that fill a numeric field but for its closing NUL. */
const octal = (value: number, length: number): string => value.toString(8).padStart(length - 1, '0')

function headerOf(entry: TarEntry): Buffer {
  const header = Buffer.alloc(block)
  const { prefix, name } = splitPath(entry.kind === 'folder' ? `${entry.path}/` : entry.path)
  const mode = (entry.kind === 'link' ? undefined : entry.mode) ?? modes[entry.kind]
  header.write(name, 0)
  header.write(octal(mode, 8), 100)
  header.write(octal(0, 8), 108)
  header.write(octal(0, 8), 116)
  header.write(octal(entry.kind === 'file' ? entry.content.length : 0, 12), 124)
  header.write(octal(0, 12), 136)
  header.write(types[entry.kind], 156)
  if (entry.kind === 'link') header.write(fitting(entry.target, 100), 157)
  header.write('ustar\x0000', 257)
  header.write(prefix, 345)
  // The sum is taken with its own field full of spaces.
  header.fill(' ', 148, 156)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${octal(sum, 7)}\0 `, 148)
  return header
}

function splitPath(path: string): { prefix: string; name: string } {
  if (Buffer.byteLength(path) <= 100) return { prefix: '', name: path }
  const cut = path.indexOf('/', Math.max(0, path.length - 101))
  if (cut < 1 || cut === path.length - 1) throw new Error(`${path} is too long for the archive`)
  return { prefix: fitting(path.slice(0, cut), 155), name: fitting(path.slice(cut + 1), 100) }
}

function fitting(text: string, bytes: number): string {
  if (Buffer.byteLength(text) > bytes) throw new Error(`${text} is too long for the archive`)
  return text
}
