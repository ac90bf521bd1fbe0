/** Whether a text has a form. Each takes time linear in the text. */
type Format = (text: string) => boolean

const daysIn = (year: number, month: number): number => new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate()

/** RFC 3339 full-date. */
function isDate(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? []
  if (year === undefined) return false
  const of = Number(month)
  return of >= 1 && of <= 12 && Number(day) >= 1 && Number(day) <= daysIn(Number(year), of)
}

/** RFC 3339 full-time. A leap second is the last of a day of UTC. */
function isTime(text: string): boolean {
  const parts = /^(\d{2}):(\d{2}):(\d{2})(?:\.\d+)?(?:z|([+-])(\d{2}):(\d{2}))$/i.exec(text)
  if (parts === null) return false
  const [hour, minute, second, offsetHour, offsetMinute] = [1, 2, 3, 5, 6].map((index) => Number(parts[index] ?? 0))
  if (hour! > 23 || minute! > 59 || second! > 60 || offsetHour! > 23 || offsetMinute! > 59) return false
  if (second! < 60) return true
  const offset = (parts[4] === '-' ? -1 : 1) * (offsetHour! * 60 + offsetMinute!)
  return (((hour! * 60 + minute! - offset) % 1440) + 1440) % 1440 === 1439
}

function isDateTime(text: string): boolean {
  const mark = text[10]
  return (mark === 'T' || mark === 't') && isDate(text.slice(0, 10)) && isTime(text.slice(11))
}

const label = /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/i

/** RFC 1123 2.1. */
const isHostname: Format = (text) => text.length <= 253 && text.split('.').every((one) => label.test(one))

const isIpv4: Format = (text) => /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/.test(text)

/** RFC 4291 2.2, without a zone. */
function isIpv6(text: string): boolean {
  if (text.length > 45 || !/^[\da-f:.]+$/i.test(text)) return false
  const halves = text.split('::')
  if (halves.length > 2) return false
  const groups = halves.flatMap((half, index) => (half === '' ? [] : widths(half, index === halves.length - 1)))
  const width = groups.reduce((sum, one) => sum + one, 0)
  return halves.length === 2 ? width <= 7 : width === 8
}

/** How many groups each part stands for; NaN for one that is none. Only the last may be an IPv4 address. */
const widths = (half: string, isLast: boolean): number[] =>
  half
    .split(':')
    .map((part, index, all) =>
      /^[\da-f]{1,4}$/i.test(part) ? 1 : isLast && index === all.length - 1 && isIpv4(part) ? 2 : Number.NaN,
    )

const isUuid: Format = (text) => /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i.test(text)

/** RFC 5321 4.1.2, the dot-string form with a host name. */
function isEmail(text: string): boolean {
  const at = text.lastIndexOf('@')
  if (at < 1 || at > 64) return false
  const words = text.slice(0, at).split('.')
  return words.every((word) => /^[\w!#$%&'*+/=?^`{|}~-]+$/.test(word)) && isHostname(text.slice(at + 1))
}

const uriCharacters = /^(?:[\w.~:/?#[\]@!$&'()*+,;=-]|%[\da-f]{2})*$/i

/** RFC 3986 3: with a scheme. */
function isUri(text: string): boolean {
  const parts = /^[a-z][a-z\d+.-]*:(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/is.exec(text)
  if (parts === null || !uriCharacters.test(text)) return false
  const [, authority = '', path = '', query = '', fragment = ''] = parts
  if (/[[\]#]/.test(path + query + fragment)) return false
  const [, address, rest] = /^(?:[^@[\]]*@)?(?:\[([^\]]*)\])?([^@[\]]*)$/.exec(authority) ?? []
  if (rest === undefined || (address !== undefined && !isIpv6(address))) return false
  return address === undefined ? /^[^:]*(?::\d*)?$/.test(rest) : /^(?::\d*)?$/.test(rest)
}

/** Longer texts have no form at all. */
const maxLength = 4096

const formats: ReadonlyMap<string, Format> = new Map([
  ['date', isDate],
  ['time', isTime],
  ['date-time', isDateTime],
  ['email', isEmail],
  ['hostname', isHostname],
  ['ipv4', isIpv4],
  ['ipv6', isIpv6],
  ['uri', isUri],
  ['uuid', isUuid],
])

export const isFormat = (name: string): boolean => formats.has(name)

export const hasFormat = (name: string, text: string): boolean =>
  text.length <= maxLength && formats.get(name)?.(text) === true
