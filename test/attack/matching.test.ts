import { attacks, request, type Attack } from './attack.ts'

const guarded = (name: string, target: string, headers: readonly string[] = []): Attack => ({
  name,
  send: request(target, { headers }),
  answers: [['unauthenticated', 'authentication']],
  logged: { policy: 'shop/orders' },
})

const opened = (name: string, target: string, headers: readonly string[] = []): Attack => ({
  name,
  send: request(target, { headers }),
  answers: ['passed'],
  reached: [{ target }],
})

const ambiguous =
  (code: 'ambiguous-header' | 'ambiguous-query') =>
  (name: string, target: string, headers: readonly string[] = []): Attack => ({
    name,
    send: request(target, { headers }),
    answers: [[code, 'route']],
    logged: { route: null },
  })

const byQuery = ambiguous('ambiguous-query')
const byHeader = ambiguous('ambiguous-header')

/** Each tries to reach by the open rule what a backend would take for a request of the guarded one. */
attacks('matching', [
  guarded('the parameter as it is', '/by-query?admin=1'),
  guarded('the parameter in escapes', '/by-query?%61dmin=%31'),
  guarded('the parameter behind others', '/by-query?x=1&&admin=1&y'),
  opened('another value', '/by-query?admin=0'),
  opened('other values twice', '/by-query?admin=0&admin=2'),
  opened('escapes of escapes', '/by-query?%2561dmin=1'),
  byQuery('the parameter behind another value of it', '/by-query?admin=0&admin=1'),
  byQuery('the parameter before another value of it', '/by-query?admin=1&admin=0'),
  byQuery('the parameter twice', '/by-query?admin=1&admin=1'),
  byQuery('the parameter twice, once in escapes', '/by-query?admin=0&%61dmin=1'),
  byQuery('the parameter in capitals', '/by-query?ADMIN=1'),
  byQuery('the parameter in brackets', '/by-query?admin[]=1'),
  byQuery('the parameter as a member', '/by-query?admin%5B0%5D=1'),
  byQuery('the parameter behind a space', '/by-query?%20admin=1'),
  byQuery('a parameter as PHP mends its name', '/by-mended?user.is.admin=1'),
  byQuery('a parameter as PHP mends its name with a bracket', '/by-mended?user[is_admin=1'),
  byQuery('a parameter as PHP mends its name with spaces', '/by-mended?user+is%20admin=1'),
  byQuery('a parameter as PHP mends its name before brackets', '/by-mended?user.is.admin[]=1'),
  byQuery('the parameter before a NUL', '/by-query?admin%00x=1'),
  byQuery('the parameter behind a semicolon', '/by-query?x=1;admin=1'),
  byQuery('the parameter before a semicolon', '/by-query?admin=1;x'),
  byQuery('a value that each reader mends in its own way', '/by-query?admin=1%ff'),
  byQuery('more parameters than each reader takes', `/by-query?${'x&'.repeat(400)}admin=1`),

  guarded('the header as it is', '/by-header', ['X-Role: root']),
  opened('another role', '/by-header', ['X-Role: administrator']),
  opened('other roles twice', '/by-header', ['X-Role: a', 'X-Role: b']),
  byHeader('the header behind another line of it', '/by-header', ['X-Role: user', 'X-Role: admin']),
  byHeader('the header before another line of it', '/by-header', ['X-Role: admin', 'x-role: user']),
  byHeader('the header twice', '/by-header', ['X-Role: admin', 'X-Role: admin']),
  byHeader('the header as CGI writes it', '/by-header', ['X_Role: admin']),
  byHeader('the header as CGI writes it, beside another', '/by-header', ['X-Role: user', 'x_role: admin']),
  byHeader('another as CGI writes it, beside the header', '/by-header', ['X-Role: admin', 'x_role: user']),

  opened('a value that costs little', '/by-cost', ['X-Text: bbb']),
  {
    name: 'a value that costs too much',
    send: request('/by-cost', { headers: [`X-Text: ${'b'.repeat(8000)}`] }),
    answers: [['route-too-costly', 'route']],
    logged: { route: null },
  },
  opened('nothing of what nobody understands', '/by-nonsense'),
  {
    name: 'what nobody understands',
    send: request('/by-nonsense', { headers: ['X-Text: 1'] }),
    answers: [['config-invalid', 'config']],
    logged: { route: null },
  },
])
