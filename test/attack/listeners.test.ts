import { attacks, request, type Answer, type Attack } from './attack.ts'

const on = (host: string, target = '/', headers: readonly string[] = []): string => request(target, { host, headers })

/** The most specific listener of the host has no rule for it, and that of a wider one must not answer in its place. */
const isolated = (name: string, host: string, target = '/'): Attack => ({
  name,
  send: on(host, target),
  answers: [['no-route', 'route']],
  logged: { listener: 'narrow', route: null },
})

const served = (name: string, listener: string, host: string, target = '/'): Attack => ({
  name,
  send: on(host, target),
  answers: ['passed'],
  reached: [{ target }],
  logged: { listener },
})

const nothing: Answer = ['no-route', 'route']
const forwarded = ['X-Forwarded-For: 203.0.113.9']

/** Several listeners without TLS on one socket. */
attacks('listeners', [
  served('the wide listener serves what is no other one', 'wide', 'a.shared.example'),
  served('the narrow listener serves its own', 'narrow', 'one.shared.example', '/only'),
  isolated('a route of the wide listener that names the host of the narrow one', 'one.shared.example'),
  isolated('the same in capitals', 'ONE.Shared.example'),
  isolated('the same with the dot of the root', 'one.shared.example.'),
  isolated('the same with a port', 'one.shared.example:8443'),
  isolated('the same in an absolute-form target', 'a.shared.example', 'http://one.shared.example/'),
  {
    name: 'a connection that began with the wide listener',
    send: on('a.shared.example') + on('one.shared.example') + on('one.shared.example', '/only'),
    answers: ['passed', nothing, 'passed'],
    reached: [{ target: '/' }, { target: '/only' }],
    logged: { listener: 'narrow' },
  },
  {
    name: 'a host that only the listener for every host knows',
    send: on('a.wild.example'),
    answers: ['passed'],
    reached: [{ target: '/' }],
    logged: { listener: 'http' },
  },
  {
    name: 'the client address counts where the listener believes the peer',
    send: on('front.shared.example', '/', forwarded),
    answers: ['passed'],
    reached: [{}],
    logged: { listener: 'believing', clientAddress: '203.0.113.9' },
  },
  {
    name: 'the client address on a connection that began with a listener that believes the peer',
    send: on('front.shared.example', '/', forwarded) + on('a.shared.example', '/', forwarded),
    answers: ['passed', 'passed'],
    reached: [{}, {}],
    logged: { listener: 'wide', clientAddress: '127.0.0.1' },
  },
  {
    name: 'a host that believes the peer behind an absolute-form target that does not',
    send: on('front.shared.example', 'http://a.shared.example/', forwarded),
    answers: ['passed'],
    reached: [{}],
    logged: { listener: 'wide', clientAddress: '127.0.0.1' },
  },
  {
    name: 'credentials on a listener that wants TLS for them',
    send: on('tls.shared.example'),
    answers: [['config-invalid', 'config']],
    logged: { listener: 'closed' },
  },
])
