import { describe, expect, it } from 'vitest'
import { parseHost } from './host.ts'

describe('parseHost', () => {
  it.each([
    ['api.example', 'api.example'],
    ['API.Example', 'api.example'],
    ['api.example:8080', 'api.example'],
    ['api.example.', 'api.example'],
    ['api.example.:443', 'api.example'],
    ['my_service', 'my_service'],
    ['192.0.2.1:80', '192.0.2.1'],
    ['[::1]', '[::1]'],
    ['[2001:DB8::0:1]:8443', '[2001:db8::1]'],
  ])('%s is %s', (authority, host) => {
    expect(parseHost(authority)).toBe(host)
  })

  it.each([
    '',
    ':80',
    'a:',
    'a:0',
    'a:65536',
    'a:80:80',
    'a:8a',
    'a:+80',
    'a b',
    ' a',
    'a,b',
    'user@a',
    'user:pw@a',
    'a/b',
    'a?b',
    'a#b',
    'a\\b',
    'a\0',
    'a%41',
    'a..b',
    '.a',
    '.',
    'a..',
    '*.example',
    'caf\xe9.example',
    '[::1',
    '::1',
    '[::1]x',
    '[::1]:',
    '[fe80::1%25eth0]',
    '[192.0.2.1]',
    '[::ffff:192.0.2.1]',
    `${'a'.repeat(254)}`,
  ])('%j is refused', (authority) => {
    expect(parseHost(authority)).toBeNull()
  })
})
