import { request, attacks, type Answer, type Attack } from './attack.ts'

/** Parameters that two readers see differently, and open redirects (section 2.8 of the catalogue and its row of fast-uri). */

const failed: Answer = ['validation-failed', 'validation']

const refused = (name: string, target: string, headers: readonly string[] = []): Attack => ({
  name,
  send: request(target, { headers }),
  answers: [failed],
})

const passes = (name: string, target: string, headers: readonly string[] = []): Attack => ({
  name,
  send: request(target, { headers }),
  answers: ['passed'],
  reached: [{ target }],
})

const query: readonly Attack[] = [
  passes('a sound query arrives as it was written', '/form-query?%70age=%31&tag=a&tag=b+c'),
  passes('what is not described may pass where that is said', '/form-loose?page=1&other=%E2%82%AC'),
  refused('an unknown name', '/form-query?page=1&admin=true'),
  refused('an unknown name by an escape', '/form-query?page=1&%61dmin=true'),
  refused('a name in another case', '/form-query?Page=1'),
  refused('no parameter', '/form-query'),
  refused('CVE-2022-34296: a name twice', '/form-query?page=1&page=1'),
  refused('a name twice, once by an escape', '/form-query?page=1&p%61ge=999'),
  refused('a name in brackets where others may pass', '/form-loose?page=1&page[]=999'),
  refused('a member in brackets where others may pass', '/form-loose?page=1&page[x]=999'),
  refused('a name in escaped brackets', '/form-loose?page=1&page%5B%5D=999'),
  refused('a bad escape in a value', '/form-loose?page=1&x=%zz'),
  refused('half an escape', '/form-loose?page=1&x=%a'),
  refused('bytes that are no UTF-8', '/form-loose?page=1&x=%ff'),
  refused('an overlong form', '/form-loose?page=1&x=%c0%af'),
  refused('an integer in hex', '/form-query?page=0x10'),
  refused('an integer with an exponent', '/form-query?page=1e1'),
  refused('an integer with a space', '/form-query?page=+1'),
  refused('an integer with a zero before it', '/form-query?page=01'),
  refused('an integer with a fraction', '/form-query?page=1.0'),
  refused('an empty integer', '/form-query?page='),
  refused('a bound', '/form-query?page=101'),
  refused('a boolean as a number', '/form-query?page=1&deep=1'),
  refused('a boolean in capitals', '/form-query?page=1&deep=TRUE'),
  refused('too many values', '/form-query?page=1&tag=a&tag=b&tag=c'),
  refused('too many parameters', `/form-loose?page=1${'&x=1'.repeat(256)}`),
]

const headers: readonly Attack[] = [
  passes('sound headers', '/form-headers', ['x-reason: tests', 'X-RETRIES: 3']),
  refused('a header that is missing', '/form-headers'),
  refused('a header that is no integer', '/form-headers', ['x-reason: a', 'x-retries: three']),
  refused('a header twice', '/form-headers', ['x-reason: a', 'x-retries: 1', 'X-Retries: 9']),
  refused('a list in one header', '/form-headers', ['x-reason: a', 'x-retries: 1, 9']),
  refused('a header that is too long', '/form-headers', ['x-reason: 123456789']),
]

const path: readonly Attack[] = [
  passes('a sound parameter of the path', '/form-item/17'),
  refused('a parameter of another type', '/form-item/abc'),
  refused('a parameter below its bound', '/form-item/0'),
  refused('a parameter that decodes to something else', '/form-item/1%20'),
  refused('a parameter that is no UTF-8', '/form-item/%FF'),
]

const back = (to: string): string => `/form-redirect?return_to=${encodeURIComponent(to)}`
const away = (to: string): Attack =>
  refused(`CVE-2022-28923, CVE-2021-29651, CVE-2024-52003, CVE-2022-40083: ${to}`, back(to))

const redirects: readonly Attack[] = [
  passes('a path of its own', back('/orders/1?x=1#y')),
  passes('an allowed page', back('https://shop.example/account/orders?x=https://evil.example')),
  passes('no redirect', '/form-redirect?other=//evil.example'),
  ...[
    ...[
      '//evil.example',
      '///evil.example',
      '/\\evil.example',
      '\\\\evil.example',
      '\\/evil.example',
      '/\t/evil.example',
    ],
    ...['https:evil.example', 'https:/evil.example', 'https:///evil.example', 'https://evil.example/account'],
    ...['HTTPS://shop.example/account', 'http://shop.example/account', 'https://shop.example:8443/account'],
    ...['https://shop.example@evil.example/account', 'https://shop.example:a@evil.example/account'],
    ...[
      'https://user@shop.example/account',
      'https://shop.example.evil.example/account',
      'https://shop.example%2eevil.example/',
    ],
    ...['https://shop.example\\@evil.example/account', 'https://shop.example\t.evil.example/account'],
    ...[
      'https://shop.example/accounting',
      'https://shop.example/account/../admin',
      'https://shop.example/account/%2e%2e/admin',
    ],
    ...[
      'https://shop.example/',
      'https://shop.example',
      'https://shop.example?/account',
      'https://shop.example#/account',
    ],
    ...[
      'javascript:alert(1)',
      'data:text/html,x',
      ' /orders',
      '/orders\r\nSet-Cookie: a=b',
      '/or ders',
      'orders',
      '?x=1',
      '',
    ],
    ...[
      '/%2f/evil.example',
      '/%5cevil.example',
      '/./',
      '/../x',
      'https://shop.example/account\u0000',
      'https://shop.exampl\u00e9/account',
    ],
  ].map(away),
  refused('a redirect that splits the answer behind its path', back('/orders?x=\r\nSet-Cookie: a=b')),
  refused('a redirect with a backslash behind its path', back('https://shop.example/account?x=\\evil.example')),
  refused('a redirect twice', `${back('/orders')}&return_to=//evil.example`),
  refused('a redirect twice, once by an escape', `${back('/orders')}&return%5Fto=//evil.example`),
  refused('a redirect in brackets', '/form-redirect?return_to[]=//evil.example'),
  refused('a redirect by an escape', '/form-redirect?%72eturn_to=//evil.example'),
  refused('a redirect behind a bad escape', '/form-redirect?x=%zz&return_to=//evil.example'),
]

attacks('parameters', [...query, ...headers, ...path, ...redirects])
