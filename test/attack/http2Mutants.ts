import { mutantsOf, type Mutant } from './mutant.ts'

/** Checks of HTTP/2 that nobody else makes: what its parser in Node refuses too is not among them. */
export const http2Mutants: readonly Mutant[] = [
  ...mutantsOf('http2', 'http/http2Head.ts', [
    {
      check: 'the scheme of HTTP/2',
      find: "if (pseudo.get(':scheme')?.toLowerCase() !== scheme) return 'bad-request'",
      small: true,
    },
    {
      check: 'Host and :authority agree',
      find: 'before === 0 && (authority === undefined || authority.toLowerCase() === host.toLowerCase())',
      replace: 'true',
    },
    { check: 'CONNECT in HTTP/2', find: "if (pseudo.get(':method') === 'CONNECT') return 'not-implemented'" },
    { check: 'headers of the connection in HTTP/2', find: "  'http2-settings',\n" },
    {
      check: 'a body without a length is chunked',
      find: "rawHeaders.push('transfer-encoding', 'chunked')",
      replace: '',
    },
  ]),
  ...mutantsOf('http2Floods', 'http/frameBudget.ts', [
    { check: 'frames that carry nothing', find: 'return --this.#frames < 0', replace: 'return false', small: true },
    { check: 'requests that come to nothing', find: 'return --this.#resets < 0', replace: 'return false' },
  ]),
  ...mutantsOf('http2Floods', 'http/frameGuard.ts', [
    {
      check: 'answers that are broken off without an error',
      find: 'code === NGHTTP2_NO_ERROR ? NGHTTP2_CANCEL : code',
      replace: 'code',
    },
  ]),
]
