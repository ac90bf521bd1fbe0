import { describe, expect, it } from 'vitest'
import { maxClientHelloBytes, readClientHello } from './clientHello.ts'

const u16 = (value: number): Buffer => Buffer.of(value >> 8, value & 255)
const sized = (body: Buffer): Buffer => Buffer.concat([u16(body.length), body])
const extension = (type: number, body: Buffer): Buffer => Buffer.concat([u16(type), sized(body)])
const nameEntry = (name: string, type = 0): Buffer =>
  Buffer.concat([Buffer.of(type), sized(Buffer.from(name, 'latin1'))])
const serverName = (...entries: Buffer[]): Buffer => extension(0, sized(Buffer.concat(entries)))

function hello(...extensions: Buffer[]): Buffer {
  const body = Buffer.concat([
    Buffer.of(3, 3),
    Buffer.alloc(32, 7),
    Buffer.of(0),
    sized(Buffer.of(0x13, 1)),
    Buffer.of(1, 0),
    ...(extensions.length === 0 ? [] : [sized(Buffer.concat(extensions))]),
  ])
  return Buffer.concat([Buffer.of(1, 0), u16(body.length), body])
}

const record = (content: Buffer): Buffer => Buffer.concat([Buffer.of(22, 3, 1), sized(content)])

describe('readClientHello', () => {
  it('finds the name as it was sent, or none', () => {
    const named = hello(
      extension(10, Buffer.of(0, 0)),
      serverName(nameEntry('Api.Shop.Example.')),
      extension(43, u16(0)),
    )
    expect(readClientHello(record(named))).toEqual({ type: 'hello', serverName: 'Api.Shop.Example.' })
    expect(readClientHello(record(hello(extension(10, u16(0)))))).toEqual({ type: 'hello', serverName: null })
    expect(readClientHello(record(hello()))).toEqual({ type: 'hello', serverName: null })
  })

  it('waits for every byte, in however many records they come', () => {
    const message = hello(serverName(nameEntry('a.example')))
    for (const size of [1, 2, 3, 7, 50]) {
      const records: Buffer[] = []
      for (let at = 0; at < message.length; at += size) records.push(record(message.subarray(at, at + size)))
      const bytes = Buffer.concat(records)
      for (let length = 0; length < bytes.length; length++)
        expect(readClientHello(bytes.subarray(0, length)).type).toBe('incomplete')
      expect(readClientHello(bytes)).toEqual({ type: 'hello', serverName: 'a.example' })
    }
  })

  it('does not wait for ever', () => {
    const endless = Buffer.concat(Array.from({ length: 20 }, () => record(Buffer.alloc(2000, 1))))
    const long = Buffer.concat([Buffer.of(1, 0), u16(32_000), Buffer.alloc(32_000)])
    const records = Buffer.concat(Array.from({ length: 32_000 }, (_, at) => record(long.subarray(at, at + 1))))
    expect(readClientHello(endless).type).toBe('invalid')
    expect(readClientHello(records.subarray(0, maxClientHelloBytes)).type).toBe('invalid')
  })

  it.each([
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n')],
    ['an alert', Buffer.of(21, 3, 1, 0, 2, 1, 0)],
    ['an empty record', Buffer.of(22, 3, 1, 0, 0)],
    ['a record that is too long', Buffer.of(22, 3, 1, 255, 255)],
    ['another message', record(Buffer.concat([Buffer.of(2, 0, 0, 1, 0)]))],
    ['a version that is none', Buffer.of(22, 2, 0, 0, 1, 1)],
    ['two server names', record(hello(serverName(nameEntry('a'), nameEntry('b'))))],
    ['two lists of server names', record(hello(serverName(nameEntry('a')), serverName(nameEntry('b'))))],
    ['an empty name', record(hello(serverName(nameEntry(''))))],
    ['a name of another kind', record(hello(serverName(nameEntry('a', 1))))],
    ['an extension that is cut off', record(hello(Buffer.concat([u16(0), u16(99), Buffer.of(0)])))],
    [
      'bytes behind the extensions',
      record(Buffer.concat([hello(serverName(nameEntry('a'))).fill(37, 3, 4), Buffer.alloc(1)])),
    ],
  ])('refuses %s', (_name, bytes) => {
    expect(readClientHello(bytes).type).toBe('invalid')
  })
})
