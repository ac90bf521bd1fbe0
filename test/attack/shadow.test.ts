import { attacks, request } from './attack.ts'

/** What is only tried decides nothing, in neither direction (M9). */

attacks('shadow', [
  {
    name: 'a policy in Shadow refuses nobody',
    send: request('/tried'),
    answers: ['passed'],
    reached: [{ target: '/tried' }],
    logged: { rule: 'tried', would: 'would-deny', wouldCode: 'unauthenticated', wouldPolicy: 'shop/orders' },
  },
  {
    name: 'a policy in Shadow lets nobody in',
    send: request('/tried-open'),
    answers: [['unauthenticated', 'authentication']],
    logged: { rule: 'tried-open', policy: 'shop/orders', would: 'would-allow' },
  },
  {
    name: 'a policy in Shadow tells the backend of nobody',
    send: request('/tried', { headers: ['X-Gatehouse-Subject: root'] }),
    answers: ['passed'],
    reached: [{ headers: { 'x-gatehouse-subject': null } }],
    logged: { principal: null },
  },
])
