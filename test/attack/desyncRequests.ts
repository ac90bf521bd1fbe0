/** A request that two readers may take for different ones, with another one hidden in it. */
export interface DesyncRequest {
  readonly name: string
  /** What stands behind the request line and `Host`. */
  readonly lines: readonly string[]
  readonly body: string
  /** Default: POST. */
  readonly method?: string
  /**
   * `refused` = nothing of it arrives; `torn` = its head was sound and its body turned out not to be, so it arrives at
   * most in part; `passed` = it arrives, and is one for everybody.
   */
  readonly fate: 'refused' | 'torn' | 'passed'
}

export const hidden = 'GET /hidden HTTP/1.1\r\nHost: api.shop.example\r\n\r\n'
const empty = `0\r\n\r\n${hidden}`
const whole = `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`
const length = `Content-Length: ${hidden.length}`
const te = 'Transfer-Encoding'

const refused = (name: string, lines: readonly string[], body: string = empty): DesyncRequest => ({
  name,
  lines,
  body,
  fate: 'refused',
})
const passed = (name: string, lines: readonly string[], body: string): DesyncRequest => ({
  name,
  lines,
  body,
  fate: 'passed',
})
const torn = (name: string, body: string): DesyncRequest => ({
  name,
  lines: [`${te}: chunked`],
  body,
  fate: 'torn',
})

/** Codings that one reader takes for chunked and another does not. */
const codings: readonly (readonly [string, string])[] = [
  ['xchunked', `${te}: xchunked`],
  ['chunkedx', `${te}: chunkedx`],
  ['chunked with a parameter', `${te}: chunked;q=1`],
  ['chunked and a comma', `${te}: chunked,`],
  ['a comma and chunked', `${te}: ,chunked`],
  ['a word and chunked', `${te}: x chunked`],
  ['chunked and a NUL', `${te}: chunked\0`],
  ['a NUL and chunked', `${te}: \0chunked`],
  ['chunked and a form feed', `${te}: chunked\f`],
  ['chunked and a byte beyond ASCII', `${te}: chunked\xa0`],
  ['chunked in single quotes', `${te}: 'chunked'`],
  ['gzip and chunked', `${te}: gzip, chunked`],
  ['cow and chunked', `${te}: cow, chunked`],
  ['chunked and cow', `${te}: chunked, cow`],
  ['no coding', `${te}:`],
  ['a space before the colon', `${te} : chunked`],
  ['a tab before the colon', `${te}\t: chunked`],
  ['a NUL before the colon', `${te}\0: chunked`],
  ['a space before the name', ` ${te}: chunked`],
  ['a header before it that ends in LF', `X-A: b\n${te}: chunked`],
  ['a header before it that ends in CR', `X-A: b\r${te}: chunked`],
  ['a fold in the value', `${te}: \r\n chunked`],
  ['a fold by a tab', `${te}:\r\n\tchunked`],
]

const lengths: readonly (readonly [string, string])[] = [
  ['with a space before the colon', `Content-Length : ${hidden.length}`],
  ['in quotes', `Content-Length: "${hidden.length}"`],
  ['with a fraction', `Content-Length: ${hidden.length}.0`],
  ['with an exponent', 'Content-Length: 5e1'],
  ['with a semicolon', `Content-Length: ${hidden.length};`],
  ['with a comma', `Content-Length: ${hidden.length},`],
  ['with a minus and zero', 'Content-Length: -0'],
  ['with an underscore', 'Content-Length: 5_0'],
  ['with a NUL', `Content-Length: ${hidden.length}\0`],
  ['with a vertical tab', `Content-Length: \v${hidden.length}`],
  ['in digits beyond ASCII', 'Content-Length: \xef\xbc\x95'],
  ['in a folded line', `Content-Length:\r\n ${hidden.length}`],
  ['behind LF', `X-A: b\nContent-Length: ${hidden.length}`],
  ['and another', `${length}\r\nContent-Length: 0`],
  ['and another in capitals', `${length}\r\nCONTENT-LENGTH: 0`],
]

/** Sent with another request behind each. */
export const desyncRequests: readonly DesyncRequest[] = [
  ...codings.map(([name, line]) => refused(`the coding: ${name}`, [line])),
  ...codings.map(([name, line]) => refused(`a length and the coding: ${name}`, [length, line])),
  ...lengths.map(([name, line]) => refused(`a length ${name}`, [line], hidden)),
  ...lengths.map(([name, line]) => refused(`chunked and a length ${name}`, [`${te}: chunked`, line], whole)),
  torn('a size with a space before it', ` ${whole}`),
  torn('a size with a minus', `-3\r\nabc\r\n${empty}`),
  torn('a size with a semicolon and LF', `3;\nabc\r\n${empty}`),
  torn('a size with CR alone', `3\rabc\r\n${empty}`),
  torn('a size that is a word', `size\r\n${empty}`),
  torn('a chunk that ends in LF', `3\r\nabc\n${empty}`),
  torn('a chunk that does not end', `3\r\nabc${empty}`),
  torn('a last chunk with LF', `0\n\n${hidden}`),
  torn('trailers that frame', whole.replace(/\r\n$/, 'Content-Length: 9\r\n\r\n')),
  torn('trailers with a space before the colon', `0\r\nX-A : b\r\n\r\n${hidden}`),
  passed('a length', [length], hidden),
  passed('a length with zeros before it', [`Content-Length: 0${hidden.length}`], hidden),
  passed('a length with spaces around it', [`Content-Length: \t ${hidden.length} \t`], hidden),
  passed('chunks', [`${te}: chunked`], whole),
  passed('chunks in capitals', [`TRANSFER-ENCODING: CHUNKED`], whole),
  passed('chunks with a tab before the coding', [`${te}:\tchunked`], whole),
  passed('chunks with extensions', [`${te}: chunked`], whole.replace('\r\n', ';a="b c";d\r\n')),
  passed('chunks with zeros in the size', [`${te}: chunked`], `000${whole}`),
  passed('a length and a coding with an underscore', [length, 'Transfer_Encoding: chunked'], hidden),
  passed('chunks and a length with an underscore', [`${te}: chunked`, 'Content_Length: 3'], whole),
  passed('chunks with trailers', [`${te}: chunked`], whole.replace(/\r\n$/, 'X-A: b\r\n\r\n')),
  passed('a length that is no matter of others', [length, 'Connection: Content-Length'], hidden),
  passed('chunks that are no matter of others', [`${te}: chunked`, 'Connection: Transfer-Encoding'], whole),
  { ...passed('a length with GET', [length], hidden), method: 'GET' },
  { ...passed('chunks with GET', [`${te}: chunked`], whole), method: 'GET' },
  { ...passed('chunks with DELETE', [`${te}: chunked`], whole), method: 'DELETE' },
  { ...passed('chunks with OPTIONS', [`${te}: chunked`], whole), method: 'OPTIONS' },
]
