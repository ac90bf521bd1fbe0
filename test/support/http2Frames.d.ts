/** Frames of HTTP/2 written by hand (RFC 9113 4, 6), also such as no library would write. */
export declare const types: {
  readonly data: 0
  readonly headers: 1
  readonly priority: 2
  readonly rstStream: 3
  readonly settings: 4
  readonly pushPromise: 5
  readonly ping: 6
  readonly goaway: 7
  readonly windowUpdate: 8
  readonly continuation: 9
}
export declare const flags: {
  readonly none: 0
  readonly ack: 1
  readonly endStream: 1
  readonly endHeaders: 4
  readonly padded: 8
}
export declare const preface: Buffer<ArrayBuffer>
/** Names and values in the order in which they are sent. */
export type Fields = readonly (readonly [string, string])[]
export declare function frame(type: number, flag: number, stream: number, payload?: Buffer): Buffer
/** A header section in which nothing is compressed, so that every byte can be written. */
export declare const block: (fields: Fields) => Buffer
/** HEADERS that hold a whole section. @param flag - beside END_HEADERS */
export declare const headers: (stream: number, fields: Fields, flag?: number) => Buffer
export declare const data: (stream: number, content: string, flag?: number) => Buffer
export declare const rstStream: (stream: number, code?: number) => Buffer
export declare const windowUpdate: (stream: number, increment: number) => Buffer
export declare const ping: (flag?: number) => Buffer
export declare const priority: (stream: number, on: number) => Buffer
/** @param entries - identifier, value */
export declare const settings: (...entries: readonly (readonly [number, number])[]) => Buffer
export declare const settingsAck: Buffer<ArrayBufferLike>
