import { describe, expect, it } from 'vitest'
import {
  block,
  data,
  flags,
  frame,
  headers,
  ping,
  preface,
  priority,
  rstStream,
  settings,
  types,
  windowUpdate,
} from '../../support/http2Frames.ts'
import { FrameBudget } from '../../../dataplane/src/http/frameBudget.ts'
import { FrameGuard } from '../../../dataplane/src/http/frameGuard.ts'

const codes = { protocol: 1, streamClosed: 5, frameSize: 6, calm: 11 } as const

const fields = [[':method', 'GET']] as const
const open = (stream: number, flag: number = flags.none): Buffer => headers(stream, fields, flag)

/** Reads everything in one piece, and again byte by byte: both come to the same. */
function guarded(...frames: readonly Buffer[]) {
  const bytes = Buffer.concat([preface, ...frames])
  const [whole, slow] = [new FrameGuard(new FrameBudget(0)), new FrameGuard(new FrameBudget(0))]
  const { pass, fault } = whole.read(bytes)
  const slowly: Buffer[] = []
  let slowFault: number | null = null
  for (const byte of bytes) {
    const read = slow.read(Buffer.from([byte]))
    slowly.push(...read.pass)
    slowFault = read.fault
    if (slowFault !== null) break
  }
  expect(slowFault).toBe(fault)
  expect(Buffer.concat(slowly)).toEqual(Buffer.concat(pass))
  return { passed: Buffer.concat(pass).subarray(preface.length), fault, inHeaders: whole.inHeaders }
}

describe('the guard of a session', () => {
  it('passes on what is in order, whatever pieces it comes in', () => {
    const frames = [
      settings([3, 10]),
      open(1),
      windowUpdate(1, 5),
      data(1, 'abc'),
      data(1, '', flags.endStream),
      ping(),
    ]
    expect(guarded(...frames)).toEqual({ passed: Buffer.concat(frames), fault: null, inHeaders: false })
  })

  it('keeps back what says nothing', () => {
    const kept = [open(1, flags.endStream), ping()]
    const { passed, fault } = guarded(priority(7, 3), kept[0]!, ping(flags.ack), priority(1, 0), kept[1]!)
    expect({ passed, fault }).toEqual({ passed: Buffer.concat(kept), fault: null })
  })

  it.each([
    ['DATA after the end of its stream', [open(1, flags.endStream), data(1, 'x')], codes.streamClosed],
    ['DATA after a reset', [open(1), rstStream(1), data(1, 'x')], codes.streamClosed],
    ['HEADERS after a reset', [open(1), rstStream(1), open(1)], codes.streamClosed],
    ['HEADERS after the end', [open(1), data(1, '', flags.endStream), open(1)], codes.streamClosed],
    ['a stream that was passed over', [open(5), open(3)], codes.protocol],
    ['a PRIORITY on itself', [priority(3, 3)], codes.protocol],
    ['a PRIORITY of no stream', [priority(0, 3)], codes.protocol],
    ['a short PRIORITY', [frame(types.priority, 0, 3, Buffer.alloc(4))], codes.frameSize],
    ['a frame between headers', [frame(types.headers, 0, 1, block(fields)), ping()], codes.protocol],
    ['a PRIORITY between headers', [frame(types.headers, 0, 1, block(fields)), priority(3, 1)], codes.protocol],
    ['a CONTINUATION of nothing', [frame(types.continuation, flags.endHeaders, 1)], codes.protocol],
    [
      'headers in too many frames (CVE-2024-27983)',
      [frame(types.headers, 0, 1, block(fields)), ...Array.from({ length: 9 }, () => frame(types.continuation, 0, 1))],
      codes.calm,
    ],
  ])('ends a connection for %s', (_name, frames, code) => {
    const { passed, fault } = guarded(...frames)
    expect(fault).toBe(code)
    const sound = Buffer.concat(frames)
    expect(passed).toEqual(sound.subarray(0, passed.length))
    expect(passed.length).toBeLessThan(sound.length)
  })

  it('says while headers have not ended', () => {
    expect(guarded(frame(types.headers, 0, 1, block(fields))).inHeaders).toBe(true)
    expect(
      guarded(frame(types.headers, 0, 1), frame(types.continuation, flags.endHeaders, 1, block(fields))).inHeaders,
    ).toBe(false)
  })

  it('lets what was on its way come for a stream that the gateway has left', () => {
    const guard = new FrameGuard(new FrameBudget(0))
    const read = (...frames: readonly Buffer[]) => guard.read(Buffer.concat(frames)).fault
    expect(read(preface, open(1))).toBeNull()
    guard.streams.leave(1)
    expect(read(data(1, 'late'), data(1, 'later', flags.endStream))).toBeNull()
    expect(read(data(1, 'too late'))).toBe(codes.streamClosed)
  })

  it('bounds the streams on which a client may still send', () => {
    const budget = new FrameBudget(0)
    const guard = new FrameGuard(budget)
    guard.read(preface)
    for (let stream = 1; stream < 2_000; stream += 2) {
      expect(guard.read(open(stream)).fault).toBeNull()
      budget.understood()
    }
    expect(guard.read(open(2_001)).fault).toBe(codes.calm)
    expect(budget.exceeded).toBe('flood')
  })

  it('bounds the requests that are not understood', () => {
    const budget = new FrameBudget(0)
    const guard = new FrameGuard(budget)
    guard.read(preface)
    for (let stream = 1; stream < 400; stream += 2) expect(guard.read(open(stream, flags.endStream)).fault).toBeNull()
    expect(guard.read(open(401)).fault).toBe(codes.calm)
    expect(budget.exceeded).toBe('resets')
  })
})

describe('the budget of a session', () => {
  const cheap = [
    ping(),
    settings(),
    windowUpdate(0, 1),
    priority(3, 1),
    rstStream(1),
    data(1, ''),
    frame(0xaa, 0, 0),
  ].map((bytes) => ({ type: bytes[3]!, flags: bytes[4]!, length: bytes.readUIntBE(0, 3), stream: 1 }))

  it.each(cheap)('lets frames of type $type come only so often', (one) => {
    const budget = new FrameBudget(0)
    for (let sent = 0; sent < 1_000; sent++) expect(budget.frame(one)).toBe(false)
    expect(budget.frame(one)).toBe(true)
    budget.refill(1_000)
    for (let sent = 0; sent < 99; sent++) expect(budget.frame(one)).toBe(false)
    expect(budget.frame(one)).toBe(true)
  })

  it('grows with what is carried, and not beyond its bound', () => {
    const budget = new FrameBudget(0)
    for (let sent = 0; sent < 5_000; sent++) {
      expect(budget.frame(cheap[2]!)).toBe(false)
      budget.carried()
    }
    budget.refill(1)
    for (let sent = 0; sent < 1_000; sent++) expect(budget.frame(cheap[0]!)).toBe(false)
    expect(budget.frame(cheap[0]!)).toBe(true)
  })

  it('counts requests that came to nothing', () => {
    const budget = new FrameBudget(0)
    for (let sent = 0; sent < 200; sent++) expect(budget.reset()).toBe(false)
    expect(budget.reset()).toBe(true)
    budget.refill(60_000)
    for (let sent = 0; sent < 200; sent++) expect(budget.reset()).toBe(false)
    expect(budget.reset()).toBe(true)
  })
})
